// The bubble and the dialog.

import { h, reconcile, svg } from "../common/dom.js";
import { local, session } from "../common/storage.js";
import { Chat } from "./chat.js";
import { draw, items, signature, told } from "./messages.js";
import { sheet } from "./style.js";

const icon = (d, size = 22) => svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" }, svg("path", { d }));
const BUBBLE = "M12 3C6 3 2 7 2 11.5c0 2.5 1 4.5 3 6l-1 4 4.5-2.2c1 .3 2 .4 3.5.4 6 0 10-4 10-8.2S18 3 12 3Z";
const DOWN = "m5 8 7 7 7-7 1.5 1.5L12 18l-8.5-8.5Z";
const SEND = "M3 20.5 21.5 12 3 3.5v6.7L15 12 3 13.8Z";
const AGAIN_MS = 5000;
const NEWEST = 100;
const phone = matchMedia("(max-width: 520px)");
const PLUS = "M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7Z";

export function mount(origin, settings, texts, language) {
  const host = h("livesupport-chat", { lang: language, "data-theme": settings.theme ?? "auto" });
  host.style.setProperty("all", "initial", "important");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet(settings.color)];
  document.body.append(host);
  return new View(shadow, origin, settings, texts, language).start();
}

class View {
  constructor(shadow, origin, settings, texts, language) {
    Object.assign(this, { texts, origin });
    this.clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
    const { name, email, userId: user_id, userHmac: user_hmac } = settings;
    this.identity = { name, email, user_id, user_hmac };
    this.chat = new Chat(origin, settings.bot, this.identity, () => (this.frame ||= requestAnimationFrame(() => this.changed())));
    const button = (label, kind, act, inside = label) =>
      h("button", { type: "button", class: kind, "aria-label": label, onclick: act }, inside);
    this.count = h("span", { class: "count", "aria-hidden": "true" });
    this.bubble = button(texts.open, "bubble", () => this.show(), [icon(BUBBLE, 30), this.count]);
    this.status = h("p", { class: "status", role: "status" });
    this.human = button(texts.human, "plain", () => this.order("request_human", this.human));
    this.end = button(texts.end, "plain", () => this.order("end_conversation", this.end));
    this.log = h("div", { class: "log", role: "log", "aria-label": texts.messages, tabindex: "0", onscroll: () => this.scrolled() });
    this.log.addEventListener("load", this.follow, true); // of pictures: they grow when they come
    new ResizeObserver(this.follow).observe(this.log);
    this.typing = h("p", { class: "typing" });
    this.aside = h("div", { class: "aside" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.input = h("textarea", {
      "aria-label": texts.message,
      placeholder: texts.write,
      rows: "1",
      maxlength: "8000",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
    });
    this.file = h("input", { type: "file", hidden: true, onchange: () => this.attach() });
    this.panel = h(
      "dialog",
      { class: "panel", "aria-label": texts.chat, onclose: () => this.hidden(), onkeydown: ({ key }) => key === "Escape" && this.hide() },
      h(
        "header",
        {},
        h("div", {}, h("h2", {}, settings.title ?? texts.chat), this.status),
        button(texts.hide, "icon", () => this.hide(), icon(DOWN)),
      ),
      (this.bar = h("div", { class: "bar" }, this.human, this.end)),
      this.log,
      this.typing,
      this.aside,
      this.problem,
      h(
        "form",
        { class: "composer", onsubmit: (event) => this.submit(event) },
        button(texts.attach, "icon", () => this.file.click(), icon(PLUS)),
        this.file,
        this.input,
        h("button", { class: "icon send", "aria-label": texts.send }, icon(SEND)),
      ),
    );
    shadow.append(this.panel, this.bubble);
    document.addEventListener("visibilitychange", () => this.changed());
    phone.addEventListener("change", () => this.panel.open && (this.hide(), this.show()));
  }

  /** As the last page left it, but for the focus. */
  async start() {
    this.toEnd();
    this.changed();
    if (session[this.chat.key]) await this.open();
    else if (this.chat.token() && !local[this.chat.ended]) await this.chat.begin().catch(() => {});
    return this;
  }

  show() {
    const begun = this.open();
    this.input.focus();
    return begun;
  }

  /** A phone's covers the page: nothing of it is reached meanwhile. */
  async open() {
    if (phone.matches) {
      this.panel.showModal();
      import("./phone.js").then(({ fit }) => fit(this.panel));
    } else this.panel.open = true;
    this.bubble.hidden = true;
    session[this.chat.key] = "shown";
    if (!this.chat.started) await this.begin();
    this.toEnd();
    this.changed();
  }

  /** Until it has begun, if that is only a matter of time. */
  async begin() {
    this.complain();
    await this.chat.begin().catch((error) => {
      if (error.code && error.code !== "overloaded") return this.complain(error);
      this.complain({ code: "lost" });
      return setTimeout(() => this.begin(), AGAIN_MS);
    });
  }

  hide() {
    this.panel.close();
  }

  hidden() {
    if (this.panel.open) return;
    this.bubble.hidden = false;
    delete session[this.chat.key];
    this.bubble.focus();
  }

  update(details) {
    return this.chat.started ? this.chat.command("update_details", details) : Object.assign(this.identity, details);
  }

  /** Once a frame: a long chat comes back as thousands of events. */
  changed() {
    this.frame = 0;
    const { chat, texts } = this;
    const { unread, agentTyping } = chat;
    const state = chat.conversation?.state;
    this.count.hidden = !unread;
    this.count.textContent = unread;
    this.bubble.ariaLabel = unread ? texts.unread(unread) : texts.open;
    tell(this.status, statusWords(chat, texts));
    tell(this.typing, agentTyping ? texts.typing(agentTyping) : "");
    this.human.hidden = (state ?? "assistant") !== "assistant";
    this.bar.hidden = state === "closed";
    this.end.hidden = !state;
    this.showLog(told(chat));
    if (this.panel.open && !document.hidden) chat.markRead();
    this.showAside(state);
    this.follow();
  }

  /** Thousands would be slow: at the end only the newest stay, elsewhere, or with the focus on one, all since `from`. */
  showLog(events) {
    const newest = Math.max(0, events.length - NEWEST);
    const stays = !this.following || this.log.querySelector(":focus");
    this.from = stays ? Math.min(this.from, newest) : newest;
    const shown = items(this.chat, events.slice(this.from), this.texts);
    reconcile(this.log, shown, { key: ({ key }) => key, signature, draw: (one) => draw(one, this) });
  }

  showAside(state) {
    const offline =
      this.chat.timeline.newest(({ type }) => type === "offline_answered" || type === "agent_assigned")?.event.type === "offline_answered";
    const wanted = state === "closed" ? "rating" : offline && !this.chat.visitor.email ? "emailForm" : "";
    if (wanted === this.beside) return;
    this.beside = wanted;
    this.aside.replaceChildren();
    if (wanted) import("./forms.js").then(({ show }) => show(this, wanted), () => (this.beside = ""));
  }

  submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    this.input.focus();
    if (text) this.say(text);
  }

  say(text, attachments) {
    this.input.value = "";
    this.grow();
    this.complain();
    this.chat.send(text, attachments);
    this.toEnd();
  }

  attach() {
    import("./upload.js").then(({ attach }) => attach(this), (error) => this.complain(error));
  }

  order(type, button) {
    this.complain();
    this.input.focus();
    button.disabled = true;
    this.chat
      .command(type)
      .catch((error) => this.complain(error))
      .then(() => (button.disabled = false));
  }

  complain(error) {
    this.problem.textContent = error ? (this.texts[error.code] ?? this.texts.wrong) : "";
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
  }

  typed() {
    this.grow();
    this.chat.typing(this.input.value);
  }

  grow() {
    this.input.style.height = "";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  /** Only who scrolls up leaves the end, and no log that has shrunk. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    this.following = scrollHeight - scrollTop - clientHeight < 60 || (this.following && scrollTop >= this.top);
    this.top = scrollTop;
    if (this.from) import("./older.js").then(({ older }) => older(this), () => {}); // or with the next scroll
  }

  follow = () => this.following && this.toEnd();

  toEnd() {
    this.following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.top = this.log.scrollTop;
  }
}

/** A live region is read out when it changes: only when its words do. */
function tell(region, words) {
  if (region.textContent !== words) region.textContent = words;
}

function statusWords({ conversation, connection, agentOnline }, texts) {
  const { state, queue, owner } = conversation ?? {};
  if (connection.state === "waiting") return texts.lost;
  if (state === "closed") return texts.closed;
  if (state === "live") return (agentOnline ? texts.withAgent : texts.away)(owner.name);
  if (state !== "queued") return texts.withAssistant;
  if (!queue) return texts.queued;
  const minutes = queue.eta_seconds?.map((seconds) => Math.ceil(seconds / 60));
  return `${texts.position(queue.position)} ${minutes ? texts.wait(...minutes) : ""}`;
}
