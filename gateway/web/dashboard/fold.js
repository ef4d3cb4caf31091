// What an event changes in a conversation for agents, besides what it changes for everybody: no refetch is needed.

import { applyEvent } from "../common/timeline.js";

const nothing = { owes_since_ms: null, handoff: null };

const more = {
  message_sent({ state, owes_since_ms: owes }, { from, text, attachments = [] }, at_ms) {
    const owes_since_ms = from === "agent" ? null : from === "visitor" && state === "live" ? (owes ?? at_ms) : owes;
    return { preview: text || attachments.map(({ name }) => name).join(", "), preview_from: from, owes_since_ms };
  },
  human_requested: (_, { trigger, priority = 0, to_agent = "" }, since_ms) => ({
    owes_since_ms: null,
    handoff: { trigger, since_ms, priority, to_agent },
  }),
  offered: ({ handoff }, { agent }) => ({ handoff: { ...handoff, offered_to: agent?.id ?? agent } }),
  offer_ended: ({ handoff }) => ({ handoff: handoff && { ...handoff, offered_to: null } }),
  agent_assigned: ({ handoff }, _, at_ms) => ({ owes_since_ms: handoff ? at_ms : null, handoff: null }),
  returned_to_assistant: () => nothing,
  offline_answered: () => nothing,
  conversation_closed: (_, { resolution = null }) => ({ ...nothing, resolution }),
  tags_changed: ({ tags }, { added = [], removed = [] }) => ({
    tags: [...new Set([...tags.filter((tag) => !removed.includes(tag)), ...added])],
  }),
  details_changed: ({ visitor }, { type: _, ...details }) => ({ visitor: { ...visitor, ...details } }),
  rated: (_, { score, comment }) => ({ rating: { score, comment } }),
};

/** Changes `conversation` as the event of this frame says, unless it holds it already. */
export function fold(conversation, frame) {
  const { sequence, at_ms, event } = frame;
  if (sequence <= conversation.applied) return;
  if (event.type !== "read_marked") conversation.updated_at_ms = at_ms;
  Object.assign(conversation, more[event.type]?.(conversation, event, at_ms));
  applyEvent(conversation, frame);
}
