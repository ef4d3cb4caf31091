// What the dashboard knows, in one place. `live.js` writes it from frames, elements read it and hear which topic changed.

import { adopt } from "../common/timeline.js";

export const STATUSES = { online: "Online", busy: "Busy", away: "Away", offline: "Offline" };

const UNPAINTED_MS = 100;
const TARGET_MS = 30_000;

class Store {
  me = null;
  bots = new Map(); // id → bot
  bot = ""; // whose conversations are shown; "": all
  status = "offline";
  connection = "closed";
  cut = false; // the line was lost and is not back yet
  conversations = new Map(); // id → conversation
  timelines = new Map(); // id → Timeline, of those that are watched
  agents = new Map(); // id → agent
  presences = new Map(); // id → {online, last_seen_ms}, of those that are watched: lists may be behind
  offers = new Map(); // conversation id → offer frame
  viewers = new Map(); // conversation id → ids of the agents who look at it
  typing = new Map(); // conversation id → text being written
  alerts = new Map(); // conversation id → keyword
  telegram = new Map(); // bot → {pending, problem} of its group
  answering = null; // the conversation whose input is to have the focus as soon as it is there
  #listeners = new Map();
  #changed = new Set();

  get manager() {
    return this.me?.role === "manager" || this.me?.role === "admin";
  }

  botName(id) {
    return this.bots.get(id)?.name || id;
  }

  /** Whether it is of a bot without live support. */
  answersAlone({ bot }) {
    return this.bots.get(bot)?.tier === "basic";
  }

  /** How soon a visitor of this bot is to be answered, in milliseconds. */
  targetOf(bot) {
    return (this.bots.get(bot)?.response_target_seconds ?? 0) * 1000 || TARGET_MS;
  }

  /** Whether it is of the bot that is shown. */
  shows(conversation) {
    return !this.bot || conversation.bot === this.bot;
  }

  /** Every tag that is in use, in order. */
  get tags() {
    return [...new Set([...this.conversations.values()].flatMap(({ tags }) => tags))].sort();
  }

  mine(conversation) {
    return conversation?.owner?.kind === "agent" && conversation.owner.id === this.me?.id;
  }

  /** Takes a server's conversation unless what is held is already further. */
  put(conversation) {
    const held = this.conversations.get(conversation.id);
    if (!held) this.conversations.set(conversation.id, adopt(conversation));
    else if ((conversation.last_sequence ?? 0) >= (held.applied ?? 0)) Object.assign(held, adopt(conversation));
    this.seat(conversation.id, this.presences.get(conversation.id));
    this.changed("conversations");
  }

  /** Says of a conversation's visitor whether it is there. */
  seat(id, presence) {
    const held = this.conversations.get(id);
    if (held && presence) held.visitor = { ...held.visitor, ...presence };
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

  /** Tells the topic's listeners before the next frame is painted, once for all that changes until then. */
  changed(topic) {
    if (this.#changed.size === 0) nextFrame(() => this.#tell());
    this.#changed.add(topic);
  }

  #tell() {
    const topics = [...this.#changed];
    this.#changed.clear();
    for (const listener of new Set(topics.flatMap((topic) => [...(this.#listeners.get(topic) ?? [])]))) listener();
  }
}

/** Before the next frame; a tab that is not painted has none, yet its title counts. */
function nextFrame(work) {
  requestAnimationFrame(work);
  setTimeout(work, UNPAINTED_MS);
}

export const store = new Store();
