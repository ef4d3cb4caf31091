// Three visitors whom the demo page plays, through the same endpoints as everybody: so that a dashboard has life to look at.

import { Connection } from "../common/socket.js";
import { visitors } from "./cast.js";

const BOT = "demo";
const KEY_MS = 45;
const PATIENCE_MS = 20_000;
const rest = (ms) => new Promise((done) => setTimeout(done, ms));

class Actor {
  constructor(part, at) {
    Object.assign(this, part);
    this.connection = new Connection(`${location.origin.replace("http", "ws")}/ws`, this, `livesupport:sample:${at}`);
  }

  async play() {
    const introduction = { name: `${this.name} (sample)`, email: this.email, locale: this.locale, page: this.page };
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`/api/bots/${BOT}/visitors`, { method: "POST", headers, body: JSON.stringify(introduction) });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const { token, conversation } = await response.json();
    Object.assign(this, { held: token, conversation: conversation.id });
    this.connection.open();
    for (const line of this.lines) {
      const answered = this.answer();
      await this.say(line);
      await answered;
      await rest(1500);
    }
    if (this.leaves) await this.leave();
  }

  /** Typed letter by letter, as the agents see it. */
  async say(text) {
    for (let length = 1; length <= text.length; length += 2) {
      this.connection.signal({ type: "set_typing", active: true, text: text.slice(0, length) });
      await rest(KEY_MS * 2);
    }
    await this.connection.send({ type: "send_message", text });
  }

  async leave() {
    await this.connection.send({ type: "end_conversation" });
    await this.connection.send({ type: "rate", ...this.rating });
    this.connection.close();
  }

  answer() {
    return Promise.race([rest(PATIENCE_MS), new Promise((heard) => (this.heard = heard))]);
  }

  token() {
    return this.held;
  }

  resume() {
    return {};
  }

  onframe({ type, sequence, event }) {
    if (type !== "event") return;
    if (event.type === "conversation_closed" && event.by !== "visitor") this.connection.send({ type: "rate", ...this.rating }).catch(() => {});
    if (event.type !== "message_sent" || event.from === "visitor") return;
    this.heard?.();
    this.connection.send({ type: "mark_read", sequence }).catch(() => {});
    if (event.from === "agent") this.reply();
  }

  /** Says the next thing that is left to say to a human, once for what comes in a row. */
  reply() {
    clearTimeout(this.thinking);
    this.thinking = setTimeout(() => {
      const text = this.replies.shift();
      if (text) this.say(text).catch(() => {});
    }, 1200);
  }

  onstate() {}
  onanswer() {}
}

const button = document.querySelector("#sample");
const words = document.querySelector("#sample-words");

button.addEventListener("click", async () => {
  button.disabled = true;
  words.textContent = "Nora, Tomás and Mei are on their way. Look at the dashboard, and leave this page open.";
  const plays = visitors.map((part, at) => new Actor(part, at).play());
  const failed = (await Promise.allSettled(plays)).find(({ reason }) => reason);
  button.disabled = false;
  if (failed) words.textContent = `That did not work: ${failed.reason.message}`;
});
