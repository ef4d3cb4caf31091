// The connection to /ws: says hello, resumes, answers commands with promises, sends what was not acked again with the same ref.
// Knows nothing of conversations; the owner hears frames and states, and says what to resume.

const WAITS_MS = [200, 500, 1000, 2000, 4000, 8000, 15000];
const FATAL = { 4400: "refused", 4401: "unauthorized", 4403: "refused" };

export class CommandError extends Error {
  constructor({ code, message, detail }) {
    super(message);
    Object.assign(this, { code, detail });
  }
}

export function newRef() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
}

export class Connection {
  state = "closed"; // closed, connecting, open, waiting, unauthorized, refused
  #waiting = new Map(); // ref → {command, resolve, reject, keep}
  #socket = null;
  #attempt = 0;
  #timer = null;
  #heard = 0;
  #beat = null;

  /** owner: {token(), resume(), onframe(frame), onstate(state)}; `memory` names a sessionStorage key that keeps messages over a reload. */
  constructor(url, owner, memory = null) {
    Object.assign(this, { url, owner, memory });
    for (const { command } of this.#remembered()) this.#waiting.set(command.ref, { command, keep: true, resolve() {}, reject() {} });
    addEventListener("online", () => this.wake());
    addEventListener("pageshow", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
  }

  /** Commands that an earlier page of this tab left without an ack. */
  get unacked() {
    return [...this.#waiting.values()].filter((one) => one.keep).map((one) => one.command);
  }

  open() {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    this.#become("connecting");
    const socket = (this.#socket = new WebSocket(this.url, "livesupport.json"));
    setTimeout(() => socket === this.#socket && this.state === "connecting" && this.#lost(1006), 10_000);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: this.owner.token(), resume: this.owner.resume() }));
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.#become("closed");
  }

  /** Drops the line and comes back on a new one. */
  restart() {
    this.#attempt = Math.max(this.#attempt, 2);
    if (this.#socket) this.#lost(1006);
  }

  /** Sends a command until it is acked; resolves with the ack, rejects with a CommandError. `keep` survives a reload. */
  send(command, { keep = false, ref = newRef() } = {}) {
    return new Promise((resolve, reject) => {
      const whole = { ...command, ref };
      this.#waiting.set(ref, { command: whole, keep, resolve, reject });
      if (keep) this.#remember();
      if (this.state === "open") this.#socket.send(JSON.stringify(whole));
    });
  }

  /** Sends something that is only worth its moment (typing): nothing is kept, nobody waits. */
  signal(command) {
    if (this.state === "open") this.#socket.send(JSON.stringify({ ...command, ref: newRef() }));
  }

  /** After sleep or a change of network: asks whether the line still lives, without waiting for the next beat. */
  wake() {
    if (this.state === "waiting") {
      this.#attempt = 0;
      this.open();
    } else if (this.state === "open") this.#probe(4000);
  }

  #receive(frame) {
    this.#heard = Date.now();
    if (frame.type === "welcome") this.#welcomed(frame);
    if (frame.type === "ack" || (frame.type === "error" && frame.ref)) return this.#answered(frame);
    return this.owner.onframe(frame);
  }

  #welcomed(frame) {
    this.#attempt = 0;
    clearInterval(this.#beat);
    const period = (frame.heartbeat_seconds || 20) * 1000;
    this.#beat = setInterval(() => this.#probe(Math.min(period, 8000)), period);
    this.#become("open");
    for (const { command } of this.#waiting.values()) this.#socket.send(JSON.stringify(command));
  }

  #answered(frame) {
    const one = this.#waiting.get(frame.ref);
    if (!one) return;
    this.#waiting.delete(frame.ref);
    if (one.keep) this.#remember();
    this.owner.onanswer?.(one.command, frame);
    if (frame.type === "ack") one.resolve(frame);
    else one.reject(new CommandError(frame));
  }

  #probe(patience) {
    const asked = Date.now();
    const socket = this.#socket;
    this.signal({ type: "ping" });
    setTimeout(() => socket === this.#socket && this.#heard < asked && this.#lost(1006), patience);
  }

  #lost(code) {
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState < 2) socket.close();
    if (FATAL[code]) return this.#become(FATAL[code]);
    const wait = WAITS_MS[Math.min(this.#attempt, WAITS_MS.length - 1)];
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
    return this.#become("waiting");
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.owner.onstate?.(state);
  }

  #remember() {
    if (!this.memory) return;
    const kept = [...this.#waiting.values()].filter((one) => one.keep).map(({ command }) => ({ command }));
    sessionStorage.setItem(this.memory, JSON.stringify(kept));
  }

  #remembered() {
    return JSON.parse((this.memory && sessionStorage.getItem(this.memory)) || "[]");
  }
}
