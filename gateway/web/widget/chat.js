// One visitor's chat. Knows no page; `onchange` says that something is new.

import { newRef, Connection } from "../common/socket.js";
import { local } from "../common/storage.js";
import { adopt, applyEvent, Timeline } from "../common/timeline.js";

const TYPING_EVERY_MS = 60;
const TYPING_STOPS_MS = 4000;
const TYPING_LASTS_MS = 10000; // nobody may say that it ended
const spoken = (event) => event.type === "message_sent" && event.from !== "visitor";

export class Chat {
  timeline = new Timeline();
  conversation = null;
  agentTyping = "";
  agentOnline = true;
  #typed = 0;

  constructor(origin, bot, identity, onchange) {
    Object.assign(this, { origin, bot, identity, onchange, key: `livesupport:${bot}`, ended: `livesupport:${bot}:ended` });
    this.connection = new Connection(`${origin.replace("http", "ws")}/ws`, this, `${this.key}:outbox`);
  }

  get started() {
    return this.connection.state !== "closed";
  }

  token() {
    return local[this.key];
  }

  /** Continues this visitor's chat, or begins one. */
  async begin() {
    const { token, visitor, conversation } = await this.#introduce();
    local[this.key] = token;
    delete local[this.ended];
    this.visitor = visitor;
    this.timeline.pending = this.connection.unacked.map((one) => ({ ...one, from: "visitor" }));
    this.#hold(conversation);
    this.connection.open();
  }

  send(text, attachments = []) {
    const ref = newRef();
    this.timeline.pending.push({ ref, text, attachments, from: "visitor" });
    this.typing("");
    this.connection.send({ type: "send_message", text, attachments }, { keep: true, ref }).catch(() => {});
    this.onchange();
  }

  again({ ref, text, attachments }) {
    this.timeline.drop(ref);
    this.send(text, attachments);
  }

  command = (type, fields) => this.connection.send({ type, ...fields });

  typing(text) {
    clearTimeout(this.later);
    const say = (words) => this.connection.signal({ type: "set_typing", active: words !== "", text: words });
    const wait = text && this.#typed + TYPING_EVERY_MS - Date.now();
    const now = () => {
      this.#typed = Date.now();
      say(text);
      if (text) this.later = setTimeout(say, TYPING_STOPS_MS, "");
    };
    if (wait > 0) this.later = setTimeout(now, wait);
    else now();
  }

  get unread() {
    const seen = this.conversation?.read?.visitor ?? 0;
    return this.timeline.events.filter(({ sequence, event }) => sequence > seen && spoken(event)).length;
  }

  markRead() {
    const { conversation } = this;
    const sequence = this.timeline.newest(spoken)?.sequence;
    if (!this.unread || conversation.state === "closed") return;
    conversation.read = { ...conversation.read, visitor: sequence };
    this.command("mark_read", { sequence }).catch(() => {});
  }

  resume() {
    return this.conversation ? { [this.conversation.id]: this.timeline.last } : {};
  }

  onstate(state) {
    this.agentTyping = "";
    if (state === "unauthorized") {
      delete local[this.key];
      this.begin().catch(() => {});
    }
    this.onchange();
  }

  onanswer({ type, ref }, answer) {
    if (type !== "send_message") return;
    if (answer.conversation) this.#hold({ id: answer.conversation });
    this.timeline.answer(ref, answer);
    this.onchange();
  }

  onframe(frame) {
    const { type, conversation: id, event } = frame;
    const { conversation } = this;
    if (type === "welcome") this.#welcome(frame.conversations.findLast(({ state }) => state !== "closed"));
    else if (event?.type === "conversation_opened") this.#hold({ id });
    else if (type === "resync") this.connection.restart();
    if (id !== this.conversation?.id) return this.onchange();
    if (type === "event") this.#add(frame);
    else if (type === "assistant_chunk") this.timeline.chunk(frame);
    else if (type === "queue_position") conversation.queue = frame;
    else if (type === "typing") this.#types(frame.active && (frame.name ?? conversation.owner?.name));
    else if (type === "presence") {
      this.agentOnline = frame.agent_online;
      if (!this.agentOnline) this.agentTyping = "";
    }
    return this.onchange();
  }

  #types(name) {
    this.agentTyping = name;
    clearTimeout(this.hush);
    if (name) this.hush = setTimeout(() => this.onframe({ type: "typing", conversation: this.conversation.id }), TYPING_LASTS_MS);
  }

  #add(frame) {
    if (!this.timeline.add(frame)) return;
    applyEvent(this.conversation, frame);
    const { type } = frame.event;
    if (type !== "read_marked") this.agentTyping = "";
    if (type === "agent_assigned") this.agentOnline = true;
    if (type === "conversation_closed") local[this.ended] = "1";
  }

  /** The open conversation as the server knows it; a new one's events are asked for from the first. */
  #welcome(conversation) {
    if (!conversation) return;
    if (this.#hold(conversation)) this.connection.restart();
    else Object.assign(this.conversation, adopt(conversation));
  }

  /** Turns to a conversation, with what was not acked. False if it is the one already. */
  #hold(conversation) {
    if (conversation.id === this.conversation?.id) return false;
    const { pending } = this.timeline;
    this.timeline = Object.assign(new Timeline(), { pending });
    this.conversation = adopt({ state: "assistant", ...conversation });
    return true;
  }

  async #introduce() {
    const page = { url: location.href, title: document.title, referrer: document.referrer };
    const ask = () =>
      this.fetch("POST", `bots/${this.bot}/visitors`, JSON.stringify({ locale: navigator.language, page, ...this.identity }));
    return ask().catch((error) => {
      if (error.code !== "unauthorized") throw error;
      delete local[this.key];
      return ask();
    });
  }

  async fetch(method, path, body) {
    const headers = this.token() ? { Authorization: `Bearer ${this.token()}` } : {};
    if (body?.at) headers["Content-Type"] = "application/json";
    const response = await fetch(`${this.origin}/api/${path}`, { method, headers, body, credentials: "omit" });
    const answer = await response.json();
    if (!response.ok) throw answer.error;
    return answer;
  }
}
