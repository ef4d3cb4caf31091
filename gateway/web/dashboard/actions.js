// What an agent can do with a conversation: one function each, for buttons and keys alike. A refusal is told, never swallowed.

import { command, connection } from "./live.js";
import { follow } from "./history.js";
import { go, route } from "./router.js";
import { store } from "./store.js";
import { toast } from "./toast.js";

/** Runs a command; true if it was acked. Says in words why not. */
export async function attempt(type, conversation, fields) {
  try {
    await command(type, conversation, fields);
    return true;
  } catch (error) {
    toast(reason(error), "bad");
    return false;
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
  store.offers.delete(id);
  store.changed("offers");
  if (await attempt("accept_offer", id)) show(id);
}

export async function declineOffer(id) {
  store.offers.delete(id);
  store.changed("offers");
  await attempt("decline_offer", id);
}

export async function returnToAssistant(id, summary) {
  if (await attempt("return_to_assistant", id, summary ? { summary } : {})) toast("The assistant has it again.");
}

/** Ends it here and now: archived as “other”. */
export async function end(id) {
  if (await attempt("close_conversation", id, { resolution: "other" })) toast("Ended and archived.");
}

export async function assign(id, agent) {
  if (await attempt("assign", id, { agent })) toast(`Assigned to ${store.agents.get(agent)?.name ?? agent}.`);
}

function show(id) {
  follow(id, connection).catch(() => {});
  if (route().selected !== id || route().mailbox !== "mine") go("mine", id);
  store.answering = id;
  store.changed("conversations");
}
