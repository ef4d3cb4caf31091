// The log: what was said and what happened, as elements. Draws; decides nothing.

import { h } from "../common/dom.js";
import { linked } from "../common/links.js";

/** What the log shows, in order: date lines, messages, what happened, answers being written, messages on their way. */
export function items(chat, texts, language) {
  const { timeline, conversation } = chat;
  const shown = [];
  const readTo = conversation?.read?.agent ?? 0;
  let day = "";
  for (const { sequence, at_ms, event } of timeline.events) {
    const line = event.type === "message_sent" ? null : happened(event, texts);
    if (event.type !== "message_sent" && !line) continue;
    const today = new Date(at_ms).toDateString();
    if (today !== day) shown.push({ key: `d${(day = today)}`, kind: "date", text: dateWords(at_ms, texts, language) });
    if (line) shown.push({ key: `e${sequence}`, kind: "line", text: line });
    else {
      const state = event.from === "visitor" ? (sequence <= readTo ? "read" : "sent") : null;
      shown.push({ key: `e${sequence}`, kind: "message", at_ms, state, ...event, name: authorName(event, texts) });
    }
  }
  for (const [turn, text] of timeline.turns) shown.push({ key: `t${turn}`, kind: "message", from: "assistant", name: texts.assistant, text, writing: true });
  for (const one of timeline.pending) shown.push({ key: `p${one.ref}`, kind: "message", state: one.failed ? "failed" : "sending", ...one });
  return group(shown);
}

/** A message that follows another of the same side does not name its author again. */
function group(shown) {
  let before = null;
  for (const one of shown) {
    one.first = one.kind === "message" && !(before?.kind === "message" && before.from === one.from && before.name === one.name);
    before = one;
  }
  return shown;
}

export const signature = (one) => `${one.kind}${one.state}${one.first}${one.writing ? one.text.length : ""}${one.failed}`;

export function draw(one, { texts, origin, language, again }) {
  if (one.kind !== "message") return h("p", { class: one.kind }, one.text);
  const time = one.at_ms && new Date(one.at_ms).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  return h(
    "div",
    { class: `message ${one.from}${one.writing ? " writing" : ""}${one.state === "sending" ? " sending" : ""}`, "aria-hidden": one.writing ? "true" : null },
    one.first && one.from !== "visitor" && h("span", { class: "name" }, one.name),
    one.first && one.from === "visitor" && h("span", { class: "unseen" }, `${texts.you}: `),
    h("div", { class: "text" }, linked(one.text ?? ""), (one.attachments ?? []).map((file) => attachment(file, origin))),
    h("span", { class: "meta" }, time && h("time", {}, time), one.state && tick(one.state, texts), one.failed && retry(one, texts, again)),
  );
}

function retry(one, texts, again) {
  return h("button", { type: "button", class: "retry", onclick: () => again(one) }, texts.retry);
}

function tick(state, texts) {
  const mark = { sending: "◷", sent: "✓", read: "✓✓", failed: "!" }[state];
  return h("span", { class: `tick ${state}` }, h("span", { "aria-hidden": "true" }, mark), h("span", { class: state === "failed" ? "" : "unseen" }, ` ${texts[state]}`));
}

function attachment({ name, content_type, url, size }, origin) {
  const href = new URL(url, origin).href;
  const inside = content_type.startsWith("image/") ? h("img", { src: href, alt: name, loading: "lazy" }) : `📎 ${name} (${Math.max(1, Math.round(size / 1024))} KB)`;
  return h("a", { class: "attachment", href, target: "_blank", rel: "noopener noreferrer" }, inside);
}

function authorName({ from, author }, texts) {
  return from === "assistant" ? texts.assistant : (author?.name ?? "");
}

function happened(event, texts) {
  switch (event.type) {
    case "human_requested":
      return event.trigger === "visitor" || event.trigger === "phrase" ? texts.asked : texts.looking;
    case "agent_assigned":
      return texts.joined(event.agent.name);
    case "agent_released":
      return texts.left(event.agent.name);
    case "returned_to_assistant":
      return texts.returned;
    case "conversation_closed":
      return texts.ended;
  }
  return null;
}

function dateWords(at_ms, texts, language) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at_ms).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return texts.today;
  if (days === 1) return texts.yesterday;
  return new Date(at_ms).toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
}
