// What an event other than a message says in the log; null for those that are shown elsewhere.

import { store } from "../store.js";

const ASKED = {
  visitor: "The visitor asked for a human",
  phrase: "The visitor asked for a human",
  keyword: "A keyword called for a human",
  sentiment: "The visitor seems unhappy: a human was called",
  unanswered: "The assistant did not know: a human was called",
  assistant_failed: "The assistant failed: a human was called",
  assistant: "The assistant asked for a human",
  transfer: "Back to the queue",
  disconnect: "Back to the queue: the agent’s connection was lost",
};
const HOW = {
  offer: "accepted the offer",
  takeover: "took over",
  transfer: "has it now",
  telegram: "took over from Telegram",
  assigned: "was assigned",
};
const LEFT = {
  returned: "handed it back",
  transferred: "passed it on",
  disconnected: "lost the connection",
  reassigned: "was relieved",
  closed: null,
};
const OFFLINE = {
  hours: "outside of opening hours",
  nobody: "nobody is there",
  queue_full: "the queue is full",
  waited: "nobody was free in time",
};
const OUTCOME = { declined: "declined the offer", expired: "missed the offer", withdrawn: "" };

const name = (who) => who?.name ?? store.agents.get(who)?.name ?? who ?? "Somebody";

export function happened(event) {
  switch (event.type) {
    case "human_requested":
      if (event.to_agent) return `${name(event.to_agent)} was asked`;
      return `${ASKED[event.trigger] ?? "A human was called"}${event.trigger === "keyword" && event.detail ? ` (${event.detail})` : ""}`;
    case "offer_ended":
      return OUTCOME[event.outcome] || event.reason ? [name(event.agent), OUTCOME[event.outcome] || event.reason].join(" ") : null;
    case "agent_assigned":
      return `${name(event.agent)} ${HOW[event.how] ?? "joined"}`;
    case "agent_released":
      return LEFT[event.reason] ? `${name(event.agent)} ${LEFT[event.reason]}` : null;
    case "returned_to_assistant":
      return event.summary ? `The assistant has it again, with a summary: “${event.summary}”` : "The assistant has it again";
    case "offline_answered":
      return `Answered with the offline message: ${OFFLINE[event.reason] ?? event.reason}`;
    case "tags_changed":
      return [...(event.added ?? []).map((tag) => `+ ${tag}`), ...(event.removed ?? []).map((tag) => `− ${tag}`)].join("  ") || null;
    case "details_changed":
      return event.email ? `The visitor left an e-mail address: ${event.email}` : event.name ? `The visitor is ${event.name}` : null;
    case "event_lost":
      return "Something that stood here was lost with the store’s last moments";
    case "conversation_closed":
      return `Closed by ${event.by === "system" ? "the system" : `the ${event.by}`}${event.resolution ? `: ${event.resolution}` : ""}${event.notes ? `. “${event.notes}”` : ""}`;
    case "rated":
      return `Rated ${"★".repeat(event.score)}${"☆".repeat(5 - event.score)} (${event.score} of 5)${event.comment ? ` “${event.comment}”` : ""}`;
  }
  return null;
}
