// What the dashboard knows, in one place. `live.js` writes it from frames, elements read it and hear which topic changed.

import { adopt } from "../common/timeline.js";

class Store {
  me = null;
  status = "offline";
  connection = "closed";
  conversations = new Map(); // id → conversation
  timelines = new Map(); // id → Timeline, of those that are watched
  agents = new Map(); // id → agent
  offers = new Map(); // conversation id → offer frame
  viewers = new Map(); // conversation id → ids of the agents who look at it
  typing = new Map(); // conversation id → text being written
  alerts = new Map(); // conversation id → keyword
  answering = null; // the conversation whose input is to have the focus as soon as it is there
  #listeners = new Map();
  #changed = new Set();

  get manager() {
    return this.me?.role === "manager" || this.me?.role === "admin";
  }

  mine(conversation) {
    return conversation?.owner?.kind === "agent" && conversation.owner.id === this.me?.id;
  }

  /** Takes a server's conversation unless what is held is already further. */
  put(conversation) {
    const held = this.conversations.get(conversation.id);
    if (!held) this.conversations.set(conversation.id, adopt(conversation));
    else if ((conversation.last_sequence ?? 0) >= (held.applied ?? 0)) Object.assign(held, adopt(conversation));
    this.changed("conversations");
  }

  /** Visitor messages that no agent has read yet. */
  unread(conversation) {
    const timeline = this.timelines.get(conversation.id);
    const seen = conversation.read?.agent ?? 0;
    if (!timeline || !this.mine(conversation)) return 0;
    let count = 0;
    for (let at = timeline.events.length - 1; at >= 0 && timeline.events[at].sequence > seen; at -= 1) {
      const { event } = timeline.events[at];
      if (event.type === "message_sent" && event.from === "visitor") count += 1;
    }
    return count;
  }

  listen(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
    this.#listeners.get(topic).add(listener);
    return () => this.#listeners.get(topic).delete(listener);
  }

  /** Tells the topic's listeners, once for all that changes in this turn of the event loop. */
  changed(topic) {
    if (this.#changed.size === 0) queueMicrotask(() => this.#tell());
    this.#changed.add(topic);
  }

  #tell() {
    const topics = [...this.#changed];
    this.#changed.clear();
    for (const listener of new Set(topics.flatMap((topic) => [...(this.#listeners.get(topic) ?? [])]))) listener();
  }
}

export const store = new Store();
