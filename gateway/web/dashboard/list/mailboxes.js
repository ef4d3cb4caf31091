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

const MINUTE_MS = 60_000;

/** What the supervisor orders the queue by: minutes waited plus priority. */
const rank = (one) => (waitingSince(one) ?? Infinity) - (one.handoff?.priority ?? 0) * MINUTE_MS;

/** id → place in its bot's queue, of all who wait. Whom a colleague is asked for by name stands in no line. */
export function places() {
  const counts = {};
  const found = new Map();
  const waiting = [...store.conversations.values()].filter(({ state, handoff }) => state === "queued" && !handoff?.to_agent);
  for (const { id, bot } of waiting.sort(byRank)) found.set(id, (counts[bot] = (counts[bot] ?? 0) + 1));
  return found;
}

const byRank = (a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
const byWaiting = (a, b) => (waitingSince(a) ?? Infinity) - (waitingSince(b) ?? Infinity) || b.updated_at_ms - a.updated_at_ms;
const byNewest = (a, b) => b.updated_at_ms - a.updated_at_ms;

export const orders = { mine: byWaiting, queue: byRank, assistant: byNewest, team: byWaiting, closed: byNewest };
