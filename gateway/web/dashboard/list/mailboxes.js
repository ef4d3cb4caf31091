// Which mailbox a conversation is in, and in what order a mailbox shows its own.

import { store } from "../store.js";

export const TARGET_MS = 30_000; // response_target_seconds of PROTOCOL.md's defaults

export const boxes = [
  { name: "mine", label: "Mine", states: ["live"], empty: "Nothing to answer. New conversations come to you when you are online." },
  { name: "queue", label: "Queue", states: ["queued"], empty: "Nobody is waiting." },
  { name: "assistant", label: "Assistant", states: ["assistant"], empty: "The assistant is not talking to anybody." },
  { name: "team", label: "Others", states: ["live"], empty: "Your colleagues have no conversations." },
  { name: "closed", label: "Closed", states: ["closed"], empty: "Nothing has been closed yet." },
];

export function mailboxOf(conversation) {
  const { state } = conversation;
  if (state === "live") return store.mine(conversation) ? "mine" : "team";
  return state === "queued" ? "queue" : state;
}

/** Since when somebody has been waiting for a human here; null if nobody is. */
export function waitingSince(conversation) {
  if (conversation.state === "closed" || conversation.state === "assistant") return null;
  if (conversation.waiting_since_ms !== undefined && conversation.waiting_since_ms !== null) return conversation.waiting_since_ms;
  if (conversation.state === "queued") return conversation.updated_at_ms;
  const timeline = store.timelines.get(conversation.id);
  let since = null;
  for (let at = (timeline?.events.length ?? 0) - 1; at >= 0; at -= 1) {
    const { event, at_ms } = timeline.events[at];
    if (event.type === "agent_assigned" || (event.type === "message_sent" && event.from === "agent")) break;
    if (event.type === "message_sent" && event.from === "visitor") since = at_ms;
  }
  return since;
}

export function urgency(since, now = Date.now()) {
  if (since === null) return "";
  return now - since >= TARGET_MS ? "late" : now - since >= TARGET_MS / 2 ? "soon" : "fresh";
}

const byWaiting = (a, b) => (waitingSince(a) ?? Infinity) - (waitingSince(b) ?? Infinity) || b.updated_at_ms - a.updated_at_ms;
const byPosition = (a, b) => (a.queue?.position ?? Infinity) - (b.queue?.position ?? Infinity) || byWaiting(a, b);
const byNewest = (a, b) => b.updated_at_ms - a.updated_at_ms;

export const orders = { mine: byWaiting, queue: byPosition, assistant: byNewest, team: byWaiting, closed: byNewest };
