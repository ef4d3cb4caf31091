// One conversation as its reader sees it: events in order without a double, answers being written, own messages not yet acked.
// Knows no socket and no page.

export class Timeline {
  events = [];
  pending = [];
  turns = new Map();
  #held = new Set();

  /** The first and last sequence held; 0 when there is none. */
  get first() {
    return this.events[0]?.sequence ?? 0;
  }
  get last() {
    return this.events.at(-1)?.sequence ?? 0;
  }

  /** Adds a frame {sequence, at_ms, event}, wherever it belongs. False if it was there already. */
  add(frame) {
    if (this.#held.has(frame.sequence)) return false;
    this.#held.add(frame.sequence);
    let at = this.events.length;
    while (at > 0 && this.events[at - 1].sequence > frame.sequence) at -= 1;
    this.events.splice(at, 0, frame);
    const { event } = frame;
    if (event.type === "message_sent") {
      if (event.turn) this.turns.delete(event.turn);
      this.#match(frame);
    }
    if (event.type === "agent_assigned" || event.type === "conversation_closed") this.turns.clear();
    return true;
  }

  chunk(turn, text) {
    if (this.events.some(({ event }) => event.turn === turn)) return;
    this.turns.set(turn, (this.turns.get(turn) ?? "") + text);
  }

  /** A message of our own that the server has not acked yet; `from` is the side that we are. */
  expect(message) {
    this.pending.push({ failed: null, sequence: 0, ...message });
  }

  /** The ack of a pending message: it stays until its event is here. */
  settle(ref, sequence) {
    const message = this.pending.find((one) => one.ref === ref);
    if (!message) return;
    message.sequence = sequence ?? 0;
    if (!sequence || this.#held.has(sequence)) this.drop(ref);
  }

  fail(ref, reason) {
    const message = this.pending.find((one) => one.ref === ref);
    if (message) message.failed = reason;
  }

  drop(ref) {
    this.pending = this.pending.filter((one) => one.ref !== ref);
  }

  /** The event may arrive before the ack: then the oldest pending message with the same words is the one. */
  #match({ sequence, event }) {
    const own = this.pending.find(
      (one) => one.sequence === sequence || (!one.sequence && !one.failed && one.from === event.from && one.text === event.text),
    );
    if (own) this.drop(own.ref);
  }
}
