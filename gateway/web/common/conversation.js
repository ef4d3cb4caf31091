// What an event does to a conversation object: the same fold on every client, so that no refetch is needed.

/** Takes over an object of the server's: it already holds what its events up to `last_sequence` did. */
export function adopt(conversation) {
  return { ...conversation, applied: conversation.last_sequence ?? 0 };
}

/** Changes `conversation` as the event of this frame says. An event that it already holds changes nothing. */
export function applyEvent(conversation, { sequence, at_ms, event }) {
  if (sequence <= (conversation.applied ?? 0)) return;
  conversation.applied = sequence;
  conversation.last_sequence = Math.max(conversation.last_sequence ?? 0, sequence);
  if (event.type !== "read_marked") conversation.updated_at_ms = at_ms;
  (changes[event.type] ?? (() => {}))(conversation, event, at_ms);
}

const changes = {
  message_sent(conversation, event, at_ms) {
    if (event.text) conversation.preview = event.text;
    if (event.from === "agent") conversation.waiting_since_ms = null;
    if (event.from === "visitor" && conversation.state === "live") conversation.waiting_since_ms ??= at_ms;
  },
  human_requested(conversation, event, at_ms) {
    Object.assign(conversation, { state: "queued", owner: { kind: "queue" }, waiting_since_ms: at_ms });
  },
  agent_assigned(conversation, event) {
    Object.assign(conversation, { state: "live", owner: { kind: "agent", ...event.agent }, queue: null });
  },
  returned_to_assistant: withAssistant,
  offline_answered: withAssistant,
  conversation_closed(conversation, event, at_ms) {
    const resolution = event.resolution ?? null;
    Object.assign(conversation, { state: "closed", owner: null, queue: null, closed_at_ms: at_ms, resolution, waiting_since_ms: null });
  },
  tags_changed(conversation, event) {
    const kept = conversation.tags.filter((tag) => !event.removed.includes(tag));
    conversation.tags = [...new Set([...kept, ...event.added])];
  },
  read_marked(conversation, event) {
    conversation.read = { visitor: 0, agent: 0, ...conversation.read };
    conversation.read[event.by] = Math.max(conversation.read[event.by], event.sequence);
  },
  details_changed(conversation, { type: _, ...details }) {
    conversation.visitor = { ...conversation.visitor, ...details };
  },
  rated(conversation, event) {
    conversation.rating = { score: event.score, comment: event.comment };
  },
};

function withAssistant(conversation) {
  Object.assign(conversation, { state: "assistant", owner: { kind: "assistant" }, queue: null, waiting_since_ms: null });
}
