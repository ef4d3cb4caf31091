// Which mailbox a conversation is in, and in what order a mailbox shows its own.

import { store } from "../store.js";

export const boxes = [
  { name: "mine", label: "Mine", states: ["live"], empty: "Nothing to answer. The next conversation comes to you." },
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
  const { state, handoff, owes_since_ms = null, updated_at_ms } = conversation;
  return state === "queued" ? (handoff?.since_ms ?? updated_at_ms) : state === "live" ? owes_since_ms : null;
}

const byWaiting = (a, b) => (waitingSince(a) ?? Infinity) - (waitingSince(b) ?? Infinity) || b.updated_at_ms - a.updated_at_ms;
const byPosition = (a, b) => (a.queue?.position ?? Infinity) - (b.queue?.position ?? Infinity) || byWaiting(a, b);
const byNewest = (a, b) => b.updated_at_ms - a.updated_at_ms;

export const orders = { mine: byWaiting, queue: byPosition, assistant: byNewest, team: byWaiting, closed: byNewest };
