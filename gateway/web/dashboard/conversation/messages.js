// The log of the open conversation. Holds its place when older messages come in above, follows the newest when one is at the end.

import { h, reconcile } from "../../common/dom.js";
import { Element } from "../element.js";
import { visitorName } from "../format.js";
import { older } from "../history.js";
import { icon } from "../icons.js";
import { command, reply } from "../live.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { draw, items, signature } from "./message.js";

const NEAR_PX = 80;

class Messages extends Element {
  static topics = ["timeline", "route", "conversations", "typing"];

  build() {
    this.top = h("p", { class: "top-note" });
    this.list = h("div", { class: "items" });
    this.typing = h("div", { class: "typing-preview" });
    this.log = h(
      "div",
      { class: "log", role: "log", "aria-label": "Messages", tabindex: "0", onscroll: () => this.scrolled() },
      this.top,
      this.list,
      this.typing,
    );
    this.newest = h("button", { class: "newest", hidden: true, onclick: () => this.toEnd() }, icon("down"), "Newest");
    this.append(this.log, this.newest);
    this.seen = () => this.markRead();
    document.addEventListener("visibilitychange", this.seen);
    addEventListener("focus", this.seen);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.log);
  }

  update() {
    const { selected } = route();
    const timeline = store.timelines.get(selected);
    const conversation = store.conversations.get(selected);
    if (this.selected !== selected) {
      this.selected = selected;
      this.following = true;
      this.list.drawn?.clear();
      this.list.replaceChildren();
    }
    if (!timeline || !conversation) return;
    const height = this.log.scrollHeight;
    const topBefore = this.first;
    this.first = timeline.first;
    const again = (one) => {
      timeline.drop(one.ref);
      reply(selected, one.text, one.attachments);
    };
    reconcile(this.list, items(timeline, conversation), { key: (one) => one.key, signature, draw: (one) => draw(one, again) });
    this.top.textContent = timeline.first > 1 ? "Loading earlier messages…" : "";
    this.showTyping(conversation);
    if (this.following) this.toEnd();
    else if (topBefore > timeline.first) this.log.scrollTop += this.log.scrollHeight - height;
    else this.newest.hidden = false;
    this.markRead();
    if (this.log.scrollTop < 200) this.more();
  }

  showTyping({ id, visitor }) {
    const text = store.typing.get(id);
    const words = text === undefined ? "" : text || "…";
    if (this.typing.words === words) return;
    this.typing.words = words;
    this.typing.replaceChildren(
      ...(words ? [h("span", { class: "name" }, `${visitorName(visitor)} is typing`), h("span", { class: "text" }, words)] : []),
    );
  }

  markRead() {
    const conversation = store.conversations.get(this.selected);
    const timeline = store.timelines.get(this.selected);
    if (!this.isConnected || document.hidden || !document.hasFocus() || !timeline || !store.mine(conversation)) return;
    const last = timeline.events.findLast(({ event }) => event.type === "message_sent" && event.from === "visitor");
    if (!last || last.sequence <= (conversation.read?.agent ?? 0)) return;
    conversation.read = { visitor: 0, ...conversation.read, agent: last.sequence };
    store.alerts.delete(conversation.id);
    command("mark_read", conversation.id, { sequence: last.sequence }).catch(() => {});
    store.changed("conversations");
  }

  scrolled() {
    this.following = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
    if (this.following) this.newest.hidden = true;
    if (this.log.scrollTop < 200) this.more();
  }

  more() {
    if (store.timelines.get(this.selected)?.first > 1) older(this.selected).catch(() => {});
  }

  toEnd() {
    this.following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.newest.hidden = true;
  }
}

customElements.define("ls-messages", Messages);
