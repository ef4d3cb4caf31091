// One conversation's events in order, once; answers being written; own messages not yet acked.

export class Timeline {
  events = [];
  pending = [];
  turns = new Map();
  edits = new Map(); // message id → message_edited
  #held = new Set();

  get first() {
    return this.events[0]?.sequence ?? 0;
  }
  get last() {
    return this.events.at(-1)?.sequence ?? 0;
  }

  /** Adds a frame {sequence, at_ms, event} where it belongs. False if it was there. */
  add(frame) {
    const { sequence, event } = frame;
    if (this.#held.has(sequence)) return false;
    this.#held.add(sequence);
    let at = this.events.length;
    while (at && this.events[at - 1].sequence > sequence) at -= 1;
    this.events.splice(at, 0, frame);
    if (event.type === "message_sent") {
      this.turns.delete(event.turn);
      // Its ack may still come: then it is the oldest with the same words.
      const own = this.pending.find(
        (one) => one.sequence === sequence || (!one.sequence && !one.failed && one.from === event.from && one.text === event.text),
      );
      if (own) this.drop((frame.ref = own.ref));
    } else if (event.type === "message_edited") this.edits.set(event.message_id, event);
    else if (/requested|assigned|closed/.test(event.type)) this.turns.clear();
    return true;
  }

  newest(fits) {
    return this.events.findLast(({ event }) => fits(event));
  }

  /** A piece of an answer being written, after `offset` characters of it. */
  chunk({ turn, text, offset }) {
    if (this.newest((event) => event.turn === turn)) return;
    const before = [...(this.turns.get(turn) ?? "")];
    if (offset <= before.length) this.turns.set(turn, before.slice(0, offset).join("") + text);
  }

  /** A pending message stays until its event is here, or tells why it failed. */
  answer(ref, { type, sequence, code, message }) {
    const one = this.pending.find((pending) => pending.ref === ref);
    if (!one) return;
    if (type === "error") Object.assign(one, { failed: message || code, code });
    else if (!sequence || this.#held.has(sequence)) this.drop(ref);
    else one.sequence = sequence;
  }

  drop(ref) {
    this.pending = this.pending.filter((one) => one.ref !== ref);
  }
}

const withAssistant = { state: "assistant", owner: { kind: "assistant" }, queue: null };

/** What events change in a conversation object. */
const changes = {
  human_requested: () => ({ state: "queued", owner: { kind: "queue" } }),
  agent_assigned: (_, { agent }) => ({ state: "live", owner: { kind: "agent", ...agent }, queue: null }),
  returned_to_assistant: () => withAssistant,
  offline_answered: () => withAssistant,
  conversation_closed: () => ({ state: "closed", owner: null, queue: null }),
  read_marked: ({ read }, { by, sequence }) => ({ read: { ...read, [by]: Math.max(read?.[by] ?? 0, sequence) } }),
};

/** The server's object holds what its events up to `last_sequence` did. */
export const adopt = (conversation) => ({ ...conversation, applied: conversation.last_sequence ?? 0 });

export function applyEvent(conversation, { sequence, event }) {
  if (sequence <= conversation.applied) return;
  conversation.applied = conversation.last_sequence = sequence;
  Object.assign(conversation, changes[event.type]?.(conversation, event));
}
