// One item of the log: a message, a note, a date, or a line that says what happened.

import { h, linked } from "../../common/dom.js";
import { bytes, dateTimeOf, dayKey, dayOf, timeOf, visitorName } from "../format.js";
import { store } from "../store.js";
import { happened } from "./happened.js";

/** The items of a timeline, in order. A message that follows its author's own is joined to it; up to `past` they are old. */
export function items(timeline, conversation, past) {
  const shown = [];
  const readTo = conversation.read?.visitor ?? 0;
  let day = "";
  for (const { sequence, at_ms, event, ref } of timeline.events) {
    const kind = { message_sent: "message", note_added: "note" }[event.type] ?? "line";
    const edit = timeline.edits.get(event.message_id);
    const text = kind === "line" ? happened(event) : (edit ?? event).text;
    if (kind === "line" && !text) continue;
    const old = sequence <= past;
    if (dayKey(at_ms) !== day) shown.push({ key: `d${(day = dayKey(at_ms))}`, kind: "date", text: dayOf(at_ms), old });
    const state = event.from === "agent" ? (sequence <= readTo ? "read" : "sent") : null;
    shown.push({
      key: ref ? `p${ref}` : `e${sequence}`,
      kind,
      old,
      at_ms,
      state,
      from: event.from,
      text,
      edited: edit && (edit.deleted ? "taken back" : "edited"),
      attachments: event.attachments,
      name: author(event, conversation),
    });
  }
  for (const [turn, text] of timeline.turns)
    shown.push({ key: `t${turn}`, kind: "message", from: "assistant", name: "Assistant", text, writing: true });
  for (const one of timeline.pending)
    shown.push({ key: `p${one.ref}`, kind: "message", name: store.me.name, ...one, state: pendingState(one) });
  let before = null;
  for (const one of shown) {
    one.joined =
      one.kind === "message" &&
      before?.kind === "message" &&
      before.name === one.name &&
      before.from === one.from &&
      (one.at_ms ?? Infinity) - before.at_ms < 300_000;
    before = one;
  }
  return shown;
}

const pendingState = ({ failed, sequence }) => (failed ? "failed" : sequence ? "sent" : "sending");

function author(event, { visitor }) {
  if (event.from === "visitor") return visitorName(visitor);
  if (event.from === "assistant") return "Assistant";
  return typeof event.author === "string" ? (store.agents.get(event.author)?.name ?? event.author) : (event.author?.name ?? "");
}

export const signature = (one) => [one.kind, one.state, one.joined, one.failed, one.name, one.edited, one.text].join();

/** `again` and `drop` are for a message that was not sent. */
export function draw(one, { again, drop }) {
  if (one.kind === "date") return h("p", { class: "date" }, h("span", {}, one.text));
  if (one.kind === "line") return h("p", { class: "line" }, one.text, " ", h("time", { title: dateTimeOf(one.at_ms) }, timeOf(one.at_ms)));
  return h(
    "article",
    {
      class: `message from-${one.kind === "note" ? "note" : one.from}${one.joined ? " joined" : ""}${one.writing ? " writing" : ""} ${one.state ?? ""}`,
      "aria-hidden": one.writing ? "true" : null,
    },
    h(
      "p",
      { class: one.joined ? "unseen" : "name" },
      one.name,
      one.kind === "note" && " · internal note",
      one.from === "assistant" && h("span", { class: "badge" }, "AI"),
    ),
    h("div", { class: "text" }, linked(one.text ?? ""), (one.attachments ?? []).map(attachment)),
    h(
      "p",
      { class: "meta" },
      one.at_ms && h("time", { title: dateTimeOf(one.at_ms) }, timeOf(one.at_ms)),
      one.edited && h("em", {}, one.edited),
      one.state && tick(one.state),
      one.failed && failure(one, again, drop),
    ),
  );
}

const ticks = { sending: ["◷", "Sending"], sent: ["✓", "Delivered"], read: ["✓✓", "Read"], failed: ["!", "Not sent"] };

function tick(state) {
  const [mark, words] = ticks[state];
  return h(
    "span",
    { class: `tick ${state}`, title: words },
    h("span", { "aria-hidden": "true" }, mark),
    h("span", { class: "unseen" }, words),
  );
}

function failure(one, again, drop) {
  const button = (words, act) => h("button", { class: "link", onclick: () => act(one) }, words);
  return [h("span", { class: "problem" }, one.failed), button("Try again", again), button("Remove", drop)];
}

function attachment({ name, content_type, url, size }) {
  const picture = content_type?.startsWith("image/");
  return h(
    "a",
    { class: picture ? "picture" : "file", href: url, target: "_blank", rel: "noopener noreferrer" },
    picture ? h("img", { src: url, alt: name, loading: "lazy" }) : [name, h("span", { class: "dim" }, ` ${bytes(size)}`)],
  );
}
