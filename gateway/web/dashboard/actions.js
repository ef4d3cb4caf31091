// What an agent can do with a conversation: one function each, for buttons and keys alike. A refusal is told, never swallowed.

import { command, connection } from "./live.js";
import { follow } from "./history.js";
import { go, route } from "./router.js";
import { store } from "./store.js";
import { toast } from "./toast.js";

const LATE_MS = 2000;
const CUT = "There is no connection just now, so nothing was done. Try again when it is back.";

const underWay = new Map(); // what and of what → its outcome

/**
 * Runs a command; true if it was acked. Says in words why not. Without a line it is not kept for later: it may be unwanted by then.
 * Asked for again before it is answered, it is done once.
 */
export function attempt(type, conversation, fields) {
  const key = JSON.stringify([type, conversation, fields]);
  if (!underWay.has(key)) underWay.set(key, carryOut(type, conversation, fields).finally(() => underWay.delete(key)));
  return underWay.get(key);
}

async function carryOut(type, conversation, fields) {
  if (store.cut) {
    toast(CUT, "bad");
    return false;
  }
  const late = setTimeout(toast, LATE_MS, "Still waiting for the server’s answer…");
  try {
    await command(type, conversation, fields);
    return true;
  } catch (error) {
    toast(reason(error), "bad");
    return false;
  } finally {
    clearTimeout(late);
  }
}

function reason({ code, message, detail }) {
  const owner = detail?.owner ?? (detail?.kind ? detail : null);
  if (code === "conflict" && owner?.kind === "agent") return owner.id === store.me.id ? "You have it already." : `${owner.name} was first.`;
  if (code === "conflict" && owner?.kind === "assistant") return "Too late: the assistant has it again.";
  if (code === "closed") return "This conversation has been closed.";
  if (code === "rate_limited") return "That was too fast. Wait a moment.";
  return message || "That did not work.";
}

export async function takeOver(id) {
  if (await attempt("take_over", id)) show(id);
}

export async function acceptOffer(id) {
  if (await answerOffer("accept_offer", id)) show(id);
}

export const declineOffer = (id) => answerOffer("decline_offer", id);

/** It is gone at once; without a line it stays. */
function answerOffer(type, id) {
  if (!store.cut) {
    store.offers.delete(id);
    store.changed("offers");
  }
  return attempt(type, id);
}

export async function returnToAssistant(id, summary) {
  const done = await attempt("return_to_assistant", id, summary ? { summary } : {});
  if (done) toast("The assistant has it again.");
  return done;
}

/** Ends it here and now: archived as “other”. */
export async function end(id) {
  if (await attempt("close_conversation", id, { resolution: "other" })) toast("Ended and archived.");
}

export async function assign(id, agent) {
  const done = await attempt("assign", id, { agent });
  if (done) toast(`Assigned to ${store.agents.get(agent)?.name ?? agent}.`);
  return done;
}

function show(id) {
  follow(id, connection).catch(() => {});
  if (route().selected !== id || route().mailbox !== "mine") go("mine", id);
  store.answering = id;
  store.changed("conversations");
}
