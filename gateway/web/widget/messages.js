// The log as elements, and the two forms that may stand below it.

import { fill, h, linked } from "../common/dom.js";

const happened = {
  human_requested: ({ trigger }, texts) => (trigger === "visitor" || trigger === "phrase" ? texts.asked : texts.looking),
  agent_assigned: ({ agent }, texts) => texts.joined(agent.name),
  agent_released: ({ agent }, texts) => texts.left(agent.name),
  returned_to_assistant: ({ by }, texts) => by.id !== "system" && texts.returned,
  conversation_closed: (_, texts) => texts.ended,
};

/** What the log shows, in order. `first`: the author is named once for messages in a row. */
export function items({ timeline, conversation }, texts) {
  const shown = [];
  for (const { sequence, at_ms, event } of timeline.events) {
    const { type, from, author } = event;
    const text = type === "message_sent" ? (timeline.edits.get(event.message_id) ?? event).text : happened[type]?.(event, texts);
    if (!text && !from) continue;
    const state = from === "visitor" ? (sequence <= conversation.read?.agent ? "read" : "sent") : "";
    shown.push({
      ...event,
      key: sequence,
      kind: from ? "message" : "line",
      text,
      at_ms,
      state,
      name: from === "assistant" ? texts.assistant : from === "agent" && author.name,
    });
  }
  for (const [turn, text] of timeline.turns)
    shown.push({ key: turn, kind: "message", from: "assistant", name: texts.assistant, text, writing: text.length });
  for (const one of timeline.pending) shown.push({ ...one, key: one.ref, kind: "message", state: one.failed ? "failed" : one.sequence ? "sent" : "sending" });
  shown.forEach((one, at) => (one.first = shown[at - 1]?.from !== one.from || shown[at - 1]?.name !== one.name));
  return shown;
}

export const signature = ({ state, first, writing, text }) => `${state}${first}${writing}${text}`;

export function draw(one, { texts, language, origin, again }) {
  const { kind, from, state, at_ms, text, attachments = [] } = one;
  if (kind !== "message") return h("p", { class: kind }, text);
  const tick = { sending: "◷", sent: "✓", read: "✓✓" }[state];
  return h(
    "div",
    { class: `message ${from} ${state}`, "aria-hidden": one.writing && "true" },
    one.first && one.name && h("p", { class: "name" }, one.name),
    h(
      "div",
      { class: "text" },
      linked(text ?? ""),
      attachments.map((file) => attachment(file, origin)),
    ),
    h(
      "p",
      { class: "meta" },
      at_ms && h("time", {}, new Date(at_ms).toLocaleTimeString(language, { timeStyle: "short" })),
      tick && [h("span", { "aria-hidden": "true" }, ` ${tick}`), h("span", { class: "unseen" }, texts[state])],
      one.failed && [`${texts.failed} `, h("button", { class: "retry", onclick: () => again(one) }, texts.retry)],
    ),
  );
}

function attachment({ name, content_type, url }, origin) {
  const href = new URL(url, origin).href;
  return h(
    "a",
    { class: "file", href, target: "_blank", rel: "noopener" },
    content_type.startsWith("image/") ? h("img", { src: href, alt: name }) : name,
  );
}

/** Five stars. The choice is sent once it has rested: arrow keys do not rate on the way. */
export function rating(box, texts, command) {
  let score = 0;
  let rest = 0;
  const rate = (comment) => {
    const thank = () => fill(box, h("p", { role: "status" }, texts.thanks), !comment && form(texts.comment, "text", texts.add, rate));
    command("rate", { score, comment }).then(thank, () => fill(box, texts.wrong));
  };
  const choose = (n) => {
    score = n;
    clearTimeout(rest);
    rest = setTimeout(rate, 500);
  };
  const star = (n) =>
    h("label", {}, h("input", { type: "radio", name: "score", "aria-label": texts.star(n), onchange: () => choose(n) }), "★");
  fill(box, h("p", {}, texts.rate), h("div", { class: "stars", role: "radiogroup", "aria-label": texts.rate }, [1, 2, 3, 4, 5].map(star)));
}

export function emailForm(box, texts, command) {
  const leave = (email) => command("update_details", { email }).then(() => fill(box, h("p", { role: "status" }, texts.thanks)));
  fill(box, h("p", {}, texts.offline), form(texts.email, "email", texts.leave, leave));
}

function form(label, type, button, done) {
  const input = h("input", { type, required: true, maxlength: "1000", "aria-label": label, placeholder: label });
  const submit = (event) => {
    event.preventDefault();
    done(input.value);
  };
  return h("form", { class: "row", onsubmit: submit }, input, h("button", { class: "plain" }, button));
}
