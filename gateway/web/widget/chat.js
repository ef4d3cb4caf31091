// One visitor's chat: who they are, their conversation, what they may do. Knows no page; `onchange` says that something is new.

import { adopt, applyEvent } from "../common/conversation.js";
import { Connection, newRef } from "../common/socket.js";
import { Timeline } from "../common/timeline.js";

const TYPING_EVERY_MS = 250;
const TYPING_STOPS_MS = 4000;

export class Chat {
  timeline = new Timeline();
  conversation = null;
  agentTyping = null;
  agentOnline = true;
  #typing = { sent: 0, stop: null, later: null };
  #turn = Promise.resolve();

  constructor(origin, bot, identity, onchange) {
    Object.assign(this, { origin, bot, identity, onchange, key: `livesupport:${bot}` });
    this.connection = new Connection(`${origin.replace(/^http/, "ws")}/ws`, this, `${this.key}:outbox`);
  }

  get started() {
    return this.connection.state !== "closed";
  }

  get known() {
    return this.token() !== null;
  }

  /** Continues this visitor's chat, or begins one. */
  async begin() {
    const { token, visitor, conversation } = await this.#introduce();
    localStorage.setItem(this.key, token);
    this.visitor = visitor;
    for (const { type, ref, text, attachments } of this.connection.unacked) {
      if (type === "send_message") this.timeline.expect({ ref, text, attachments, from: "visitor" });
    }
    if (conversation) await this.#switch(conversation.id);
    this.connection.open();
    this.onchange();
  }

  send(text, attachments = []) {
    const ref = newRef();
    this.timeline.expect({ ref, text, attachments, from: "visitor" });
    this.typing("");
    this.onchange();
    const command = { type: "send_message", text, ...(attachments.length ? { attachments } : {}) };
    this.connection.send(command, { keep: true, ref }).catch(() => {});
  }

  again({ ref, text, attachments }) {
    this.timeline.drop(ref);
    this.send(text, attachments);
  }

  command(type, fields = {}) {
    return this.connection.send({ type, ...fields });
  }

  /** Says what is being written, at most four times a second, and that it ended. */
  typing(text) {
    const { sent, stop, later } = this.#typing;
    clearTimeout(stop);
    clearTimeout(later);
    const say = () => {
      this.#typing.sent = Date.now();
      this.connection.signal({ type: "set_typing", active: text !== "", text });
    };
    const wait = text === "" ? 0 : Math.max(0, sent + TYPING_EVERY_MS - Date.now());
    if (wait) this.#typing.later = setTimeout(say, wait);
    else say();
    if (text) this.#typing.stop = setTimeout(() => this.connection.signal({ type: "set_typing", active: false, text: "" }), TYPING_STOPS_MS);
  }

  get unread() {
    const seen = this.conversation?.read?.visitor ?? 0;
    return this.timeline.events.filter(({ sequence, event }) => sequence > seen && event.type === "message_sent" && event.from !== "visitor").length;
  }

  markRead() {
    const last = this.timeline.events.findLast(({ event }) => event.type === "message_sent" && event.from !== "visitor");
    if (!last || this.conversation?.state === "closed" || last.sequence <= (this.conversation.read?.visitor ?? 0)) return;
    this.conversation.read = { agent: 0, ...this.conversation.read, visitor: last.sequence };
    this.command("mark_read", { sequence: last.sequence }).catch(() => {});
  }

  async upload(file) {
    const body = new FormData();
    body.append("file", file, file.name);
    const { attachment } = await this.#fetch("POST", `/api/conversations/${this.conversation.id}/attachments`, body);
    return attachment;
  }

  // -- what the connection asks and tells ---------------------------------------------------------------------

  token() {
    return localStorage.getItem(this.key);
  }

  resume() {
    return this.conversation ? { [this.conversation.id]: this.timeline.last } : {};
  }

  onstate(state) {
    if (state === "unauthorized") {
      localStorage.removeItem(this.key);
      this.conversation = null;
      this.begin().catch(() => {});
    }
    this.onchange();
  }

  onanswer({ type, ref }, answer) {
    if (type !== "send_message") return;
    const { conversation, sequence } = answer;
    if (answer.type === "error") this.timeline.fail(ref, answer.code);
    else if (!conversation || conversation === this.conversation?.id) this.timeline.settle(ref, sequence);
    else this.#next(() => this.#switch(conversation), () => this.timeline.settle(ref, sequence));
    this.onchange();
  }

  /** Frames are taken one after the other: one that has to fetch first keeps the later ones waiting. */
  onframe(frame) {
    this.#next(() => this.#take(frame), () => this.onchange());
  }

  #next(...steps) {
    for (const step of steps) this.#turn = this.#turn.then(step).catch(() => this.connection.restart());
  }

  async #take(frame) {
    const { type, conversation } = frame;
    if (type === "welcome") return this.#welcome(frame.conversations.findLast((one) => one.state !== "closed"));
    if (conversation && conversation !== this.conversation?.id) {
      if (frame.event?.type === "conversation_opened") await this.#switch(conversation);
      return;
    }
    if (type === "event") this.#event(frame);
    else if (type === "assistant_chunk") this.timeline.chunk(frame.turn, frame.text);
    else if (type === "queue_position") this.conversation.queue = { position: frame.position, eta_seconds: frame.eta_seconds };
    else if (type === "typing" && frame.from === "agent") this.agentTyping = frame.active ? (frame.name ?? "") : null;
    else if (type === "presence" && frame.agent_online !== undefined) this.agentOnline = frame.agent_online;
    else if (type === "resync") await this.#load();
  }

  #event(frame) {
    if (!this.timeline.add(frame)) return;
    applyEvent(this.conversation, frame);
    if (frame.event.from === "agent" || frame.event.type.startsWith("agent_")) this.agentTyping = null;
    if (frame.event.type === "agent_assigned") this.agentOnline = true;
  }

  async #welcome(conversation) {
    if (!conversation) return;
    if (conversation.id !== this.conversation?.id) await this.#switch(conversation.id);
    else Object.assign(this.conversation, adopt(conversation));
  }

  /** Another conversation begins: what was not acked goes along. */
  async #switch(id) {
    if (id === this.conversation?.id) return;
    const conversation = await this.#fetch("GET", `/api/conversations/${id}`);
    const { pending } = this.timeline;
    this.timeline = Object.assign(new Timeline(), { pending });
    this.conversation = adopt(conversation);
    await this.#load();
  }

  async #load() {
    for (let after = this.timeline.last, more = true; more; ) {
      const { events, last_sequence } = await this.#fetch("GET", `/api/conversations/${this.conversation.id}/events?after=${after}&limit=500`);
      for (const { sequence, at_ms, ...event } of events) this.#event({ sequence, at_ms, event });
      after = events.at(-1)?.sequence ?? last_sequence;
      more = after < last_sequence;
    }
  }

  async #introduce() {
    const page = { url: location.href, title: document.title, referrer: document.referrer };
    const body = JSON.stringify({ locale: navigator.language, page, ...this.identity });
    try {
      return await this.#fetch("POST", `/api/bots/${this.bot}/visitors`, body);
    } catch (error) {
      if (error.status !== 401 || !this.known) throw error;
      localStorage.removeItem(this.key);
      return this.#fetch("POST", `/api/bots/${this.bot}/visitors`, body);
    }
  }

  async #fetch(method, path, body) {
    const headers = this.known ? { Authorization: `Bearer ${this.token()}` } : {};
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    const response = await fetch(this.origin + path, { method, headers, body, credentials: "omit" });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw Object.assign(new Error(answer.error?.message ?? response.statusText), { status: response.status, code: answer.error?.code });
    return answer;
  }
}
