// The bubble and the dialog: their elements, what they show of the chat, and what the visitor does with them.

import { fill, h, reconcile } from "../common/dom.js";
import { emailForm, rating } from "./asides.js";
import { bubbleIcon, clipIcon, downIcon, sendIcon } from "./icons.js";
import * as messages from "./messages.js";

export class View {
  #aside = "";

  constructor(shadow, chat, texts, { title, language }) {
    Object.assign(this, { chat, texts, language });
    const t = texts;
    this.count = h("span", { class: "count", "aria-hidden": "true", hidden: true });
    this.bubble = h("button", { class: "bubble", "aria-label": t.open, "aria-expanded": "false", "aria-controls": "chat", onclick: () => this.show() }, bubbleIcon(), this.count);
    this.status = h("p", { class: "status", role: "status" });
    this.human = h("button", { type: "button", class: "plain", onclick: () => this.#do("request_human") }, t.human);
    this.end = h("button", { type: "button", class: "plain", onclick: () => this.#do("end_conversation") }, t.end);
    this.log = h("div", { class: "log", role: "log", "aria-label": t.messages, tabindex: "0", onscroll: () => this.#scrolled() });
    this.typing = h("p", { class: "typing", "aria-live": "polite" });
    this.newest = h("button", { type: "button", class: "newest", "aria-label": t.newest, hidden: true, onclick: () => this.#toEnd() }, downIcon());
    this.aside = h("div", {});
    this.problem = h("p", { class: "problem", role: "alert" });
    this.input = h("textarea", { "aria-label": t.message, placeholder: t.write, rows: "1", maxlength: "8000", oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    this.file = h("input", { type: "file", hidden: true, onchange: () => this.#attach(this.file.files) });
    this.panel = h(
      "section",
      { class: "panel", id: "chat", role: "dialog", "aria-label": t.chat, hidden: true, onkeydown: (event) => event.key === "Escape" && this.hide() },
      h("header", {}, h("h2", {}, title ?? t.title), h("button", { type: "button", class: "icon", "aria-label": t.hide, onclick: () => this.hide() }, downIcon())),
      h("div", { class: "bar" }, this.status, h("div", { class: "actions" }, this.human, this.end)),
      h("div", { class: "middle" }, this.log, this.newest),
      this.typing,
      this.aside,
      this.problem,
      h(
        "form",
        { class: "composer", onsubmit: (event) => this.#submit(event) },
        h("button", { type: "button", class: "icon", "aria-label": t.attach, onclick: () => this.file.click() }, clipIcon()),
        this.file,
        this.input,
        h("button", { class: "icon send", "aria-label": t.send }, sendIcon()),
      ),
    );
    shadow.append(this.panel, this.bubble);
    document.addEventListener("visibilitychange", () => this.changed());
    this.changed();
  }

  get shown() {
    return !this.panel.hidden;
  }

  async show() {
    this.panel.hidden = false;
    this.bubble.setAttribute("aria-expanded", "true");
    sessionStorage.setItem(`${this.chat.key}:shown`, "1");
    this.input.focus();
    if (!this.chat.started) await this.chat.begin().catch(() => this.#complain({}));
    this.changed();
    this.#toEnd();
  }

  hide() {
    this.panel.hidden = true;
    this.bubble.setAttribute("aria-expanded", "false");
    sessionStorage.removeItem(`${this.chat.key}:shown`);
    this.bubble.focus();
    this.changed();
  }

  /** Shows what the chat holds now. */
  changed() {
    const { chat, texts } = this;
    const state = chat.conversation?.state;
    const atEnd = this.#atEnd();
    const unread = chat.unread;
    this.count.hidden = !unread || this.shown;
    this.count.textContent = unread > 9 ? "9+" : unread;
    this.bubble.setAttribute("aria-label", unread && !this.shown ? texts.openUnread(unread) : texts.open);
    if (this.shown && !document.hidden) chat.markRead();
    const words = statusWords(chat, texts);
    if (this.status.textContent !== words) this.status.textContent = words;
    this.panel.dataset.state = state ?? "new";
    this.panel.classList.toggle("offline", chat.connection.state === "waiting");
    this.human.hidden = state === "live" || state === "queued" || state === "closed";
    this.end.hidden = !state || state === "closed";
    const context = { texts, origin: chat.origin, language: this.language, again: (one) => chat.again(one) };
    const shown = messages.items(chat, texts, this.language);
    reconcile(this.log, shown, { key: (one) => one.key, signature: messages.signature, draw: (one) => messages.draw(one, context) });
    this.typing.textContent = chat.agentTyping === null ? "" : texts.typing(chat.agentTyping || chat.conversation?.owner?.name || "");
    this.#showAside(state);
    if (atEnd) this.#toEnd();
    else this.newest.hidden = false;
  }

  #showAside(state) {
    const { chat, texts } = this;
    const offline = chat.timeline.events.findLast(({ event }) => ["offline_answered", "agent_assigned"].includes(event.type))?.event.type === "offline_answered";
    const wanted = state === "closed" ? "rating" : offline && !chat.visitor?.email ? "email" : "";
    if (wanted === this.#aside || (this.#aside === "email" && offline && state !== "closed")) return;
    this.#aside = wanted;
    fill(this.aside, wanted === "rating" ? rating(chat, texts) : wanted === "email" ? emailForm(chat, texts) : null);
  }

  #submit(event) {
    event?.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#grow();
    this.#complain(null);
    this.chat.send(text);
    this.#toEnd();
    this.input.focus();
  }

  async #attach([file]) {
    if (!file) return;
    this.file.value = "";
    try {
      this.chat.send(this.input.value.trim(), [await this.chat.upload(file)]);
      this.input.value = "";
    } catch (error) {
      this.#complain(error);
    }
  }

  #do(type) {
    this.#complain(null);
    this.chat.command(type).catch((error) => this.#complain(error));
    this.input.focus();
  }

  #complain(error) {
    const { texts } = this;
    const words = { too_large: texts.tooLarge, rate_limited: texts.slow, basic_tier: texts.noHumans, closed: "", not_allowed: "" };
    this.problem.textContent = error ? (words[error.code] ?? texts.wrong) : "";
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
  }

  #typed() {
    this.#grow();
    this.chat.typing(this.input.value);
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.newest.hidden = true;
  }

  #scrolled() {
    if (this.#atEnd()) this.newest.hidden = true;
  }
}

function statusWords({ conversation, connection, agentOnline }, texts) {
  if (connection.state === "waiting") return texts.reconnecting;
  switch (conversation?.state) {
    case "queued": {
      if (!conversation.queue) return texts.queued;
      const { position, eta_seconds } = conversation.queue;
      const [low, high] = (eta_seconds ?? [0, 0]).map((seconds) => Math.ceil(seconds / 60));
      return `${texts.position(position)} ${!eta_seconds ? "" : high <= 1 ? texts.waitSoon : texts.wait(Math.max(1, low), Math.max(high, low + 1))}`;
    }
    case "live":
      return agentOnline ? texts.withAgent(conversation.owner.name) : texts.agentAway(conversation.owner.name);
    case "closed":
      return texts.closed;
  }
  return texts.withAssistant;
}
