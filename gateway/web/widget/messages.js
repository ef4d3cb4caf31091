// The log as elements.

import { h, linked } from "../common/dom.js";

const happened = {
  human_requested: ({ trigger }, texts) => (trigger === "visitor" || trigger === "phrase" ? texts.asked : texts.looking),
  agent_assigned: ({ agent }, texts) => texts.joined(agent.name),
  agent_released: ({ agent }, texts) => texts.left(agent.name),
  returned_to_assistant: ({ by }, texts) => by.id !== "system" && texts.returned,
  conversation_closed: (_, texts) => texts.ended,
};

/** The events that the log tells of. */
export const told = ({ timeline }) => timeline.events.filter(({ event: { type } }) => type === "message_sent" || happened[type]);

/** What the log shows: these events, and what comes after all. `first`: the author is named once for messages in a row. */
export function items({ timeline, conversation }, events, texts) {
  const shown = [];
  for (const { sequence, at_ms, event, ref } of events) {
    const { type, from, author } = event;
    const text = type === "message_sent" ? (timeline.edits.get(event.message_id) ?? event).text : happened[type]?.(event, texts);
    if (!text && !from) continue;
    const state = from === "visitor" ? (sequence <= conversation.read?.agent ? "read" : "sent") : "";
    shown.push({
      ...event,
      key: ref ?? sequence,
      old: from === "visitor" || sequence <= conversation.read?.visitor,
      text,
      at_ms,
      state,
      name: from === "assistant" ? texts.assistant : from === "agent" && author.name,
    });
  }
  for (const [turn, text] of timeline.turns)
    shown.push({ key: turn, from: "assistant", name: texts.assistant, text, writing: true });
  if (thinks(timeline, conversation)) shown.push({ key: "thinks", from: "assistant", name: texts.assistant, text: "…", state: "thinks", writing: true });
  for (const one of timeline.pending) shown.push({ ...one, key: one.ref, state: one.failed ? "failed" : one.sequence ? "sent" : "sending" });
  shown.forEach((one, at) => (one.first = shown[at - 1]?.from !== one.from || shown[at - 1]?.name !== one.name));
  return shown;
}

/** The assistant has a question to answer, and has not begun to. */
const thinks = ({ turns, events }, conversation) =>
  conversation?.state === "assistant" && !turns.size && events.findLast(({ event }) => event.type !== "read_marked")?.event.from === "visitor";

export const signature = ({ state, first, text }) => `${state}${first}${text}`;

export function draw(one, { texts, clock, origin, chat }) {
  const { from, state, at_ms, text, attachments = [] } = one;
  if (!from) return h("p", { class: "line" }, text);
  const tick = { sending: "◷", sent: "✓", read: "✓✓" }[state];
  return h(
    "div",
    { class: `message ${from} ${state}`, "aria-hidden": one.writing },
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
      at_ms && h("time", {}, clock.format(at_ms)),
      tick && [h("span", { "aria-hidden": "true" }, ` ${tick}`), h("span", { class: "unseen" }, texts[state])],
      one.failed && [`${texts.failed}. ${texts[one.code] ?? ""} `, h("button", { class: "retry", onclick: () => chat.again(one) }, texts.retry)],
    ),
  );
}

function attachment({ name, content_type, url }, origin) {
  const href = new URL(url, origin).href;
  return h(
    "a",
    { class: "file", href, target: "_blank", rel: "noopener" },
    content_type?.startsWith("image/") ? h("img", { src: href, alt: name }) : name,
  );
}
