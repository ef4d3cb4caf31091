// The connection to /ws: resumes, and sends what was not acked again with the same ref. Knows nothing of conversations.

import { session } from "./storage.js";

const WAIT_MS_MAX = 5_000;
const FATAL = { 4400: "refused", 4401: "unauthorized", 4403: "refused" };

export const newRef = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");

export class Connection {
  state = "closed"; // closed, connecting, open, waiting, unauthorized, refused
  #waiting = new Map(); // ref → {command, resolve, reject, keep}
  #socket = null;
  #attempt = 0;
  #heard = 0;

  /** owner: {token, resume, onframe, onstate, onanswer}; `memory` is a key of the session's storage for messages. */
  constructor(url, owner, memory) {
    Object.assign(this, { url, owner, memory });
    for (const command of JSON.parse(session[memory] ?? "[]")) this.#waiting.set(command.ref, { command, keep: true });
    addEventListener("online", () => this.wake());
    addEventListener("offline", () => this.#socket && this.#lost());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  get unacked() {
    return [...this.#waiting.values()].filter(({ keep }) => keep).map(({ command }) => command);
  }

  open() {
    clearTimeout(this.timer);
    if (this.#socket) return;
    this.#become("connecting");
    const socket = (this.#socket = new WebSocket(this.url, "livesupport.json"));
    const current = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: this.owner.token(), resume: this.owner.resume() }));
    socket.onmessage = current(({ data }) => this.#receive(JSON.parse(data)));
    socket.onclose = current(({ code }) => this.#lost(code));
    setTimeout(
      current(() => this.state === "connecting" && this.#lost()),
      10_000,
    );
  }

  close() {
    this.#end();
    this.#become("closed");
  }

  restart() {
    this.#attempt = Math.max(this.#attempt, 2);
    if (this.#socket) this.#lost();
  }

  /** Sends until acked; resolves with the ack, rejects with the error frame. `keep` survives a reload. */
  send(command, { keep = false, ref = newRef() } = {}) {
    return new Promise((resolve, reject) => {
      const whole = { ...command, ref };
      this.#waiting.set(ref, { command: whole, keep, resolve, reject });
      if (keep) this.#remember();
      if (this.state === "open") this.#write(whole);
    });
  }

  /** For what is only worth its moment: typing. */
  signal(command) {
    if (this.state === "open") this.#write({ ...command, ref: newRef() });
  }

  /** After sleep or a change of network: does the line live? */
  wake() {
    if (this.state === "open") this.#probe();
    if (this.state !== "waiting") return;
    this.#attempt = 0;
    this.open();
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #receive(frame) {
    this.#heard = Date.now();
    if (frame.type === "welcome") this.#welcomed(frame);
    const one = this.#waiting.get(frame.ref);
    if (!one || (frame.type !== "ack" && frame.type !== "error")) return this.owner.onframe(frame);
    this.#waiting.delete(frame.ref);
    if (one.keep) this.#remember();
    this.owner.onanswer(one.command, frame);
    return frame.type === "ack" ? one.resolve?.(frame) : one.reject?.(frame);
  }

  #welcomed({ heartbeat_seconds = 20 }) {
    this.#attempt = 0;
    this.beat = setInterval(() => this.#probe(), heartbeat_seconds * 1000);
    for (const { command } of this.#waiting.values()) this.#write(command);
    this.#become("open");
  }

  #probe() {
    const asked = Date.now();
    const socket = this.#socket;
    this.signal({ type: "ping" });
    setTimeout(() => socket === this.#socket && this.#heard < asked && this.#lost(), 5000);
  }

  #lost(code) {
    this.#end();
    if (FATAL[code]) return this.#become(FATAL[code]);
    const wait = Math.min(200 * 2 ** this.#attempt++, WAIT_MS_MAX);
    this.timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
    return this.#become("waiting");
  }

  #end() {
    clearTimeout(this.timer);
    clearInterval(this.beat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.owner.onstate(state);
  }

  #remember() {
    session[this.memory] = JSON.stringify(this.unacked);
  }
}
