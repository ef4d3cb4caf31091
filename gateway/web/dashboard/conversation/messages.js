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
  static topics = ["timeline", "route"];

  build() {
    this.top = h("p", { class: "top-note" });
    this.waits = h("p", { class: "top-note late" }, "Loading messages…");
    this.list = h("div", { class: "items" });
    this.typing = h("div", { class: "typing-preview", "aria-live": "off" }); // or every letter would be read out
    this.log = h(
      "div",
      { class: "log", role: "log", "aria-label": "Messages", tabindex: "0", onscroll: () => this.scrolled() },
      this.waits,
      this.top,
      this.list,
      this.typing,
    );
    this.newestWords = h("span", {});
    this.newest = h("button", { class: "newest", hidden: true, onclick: () => this.toEnd() }, icon("down"), this.newestWords);
    this.append(this.log, this.newest);
    this.seen = () => this.markRead();
    document.addEventListener("visibilitychange", this.seen);
    addEventListener("focus", this.seen);
    store.listen("typing", () => this.typed());
    store.listen("conversations", () => this.about() === this.shown || this.update());
    const sizes = new ResizeObserver(() => this.following && this.toEnd());
    for (const element of [this.log, this.list]) sizes.observe(element);
  }

  update() {
    const { selected } = route();
    const timeline = store.timelines.get(selected);
    const conversation = store.conversations.get(selected);
    if (this.selected !== selected) {
      this.selected = selected;
      this.following = true;
      this.begun = false;
      this.list.drawn?.clear();
      this.list.replaceChildren();
    }
    this.shown = this.about();
    this.waits.hidden = !conversation || Boolean(timeline?.begun);
    if (!timeline || !conversation) return;
    if (!this.begun) Object.assign(this, { begun: timeline.begun, past: timeline.last });
    const height = this.log.scrollHeight;
    const topBefore = this.first;
    this.first = timeline.first;
    const drop = ({ ref }) => {
      timeline.drop(ref);
      store.changed("timeline");
    };
    const again = (one) => {
      drop(one);
      reply(selected, one.text, one.attachments);
    };
    reconcile(this.list, items(timeline, conversation, this.past), {
      key: (one) => one.key,
      signature,
      draw: (one) => draw(one, { again, drop }),
    });
    this.top.textContent = timeline.begun && timeline.first > 1 ? "Loading earlier messages…" : "";
    this.showTyping(conversation);
    if (this.following) this.toEnd();
    else if (topBefore > timeline.first) this.log.scrollTop += this.log.scrollHeight - height;
    this.showNewest();
    this.markRead();
    if (this.log.scrollTop < 200) this.more();
  }

  /** What of the conversation shows in its log: a lobby tells of others many times a second, and a log may be long. */
  about() {
    const { visitor, owner, read } = store.conversations.get(this.selected) ?? {};
    return visitor && [visitorName(visitor), owner?.id, read?.visitor, read?.agent, store.timelines.has(this.selected)].join();
  }

  typed() {
    const conversation = store.conversations.get(this.selected);
    if (!conversation) return;
    this.showTyping(conversation);
    if (this.following) this.toEnd();
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
    if (!last || last.sequence <= (conversation.read?.agent ?? 0) || !this.following) return;
    conversation.read = { visitor: 0, ...conversation.read, agent: last.sequence };
    store.alerts.delete(conversation.id);
    command("mark_read", conversation.id, { sequence: last.sequence }).catch(() => {});
    store.changed("conversations");
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    // What grows below moves nothing: only who scrolls up leaves the end.
    const following = scrollHeight - scrollTop - clientHeight < NEAR_PX || (this.following && scrollTop >= this.place);
    this.place = scrollTop;
    if (following !== this.following) this.turn(following);
    if (this.log.scrollTop < 200) this.more();
  }

  /** Leaves the end, or is back at it; what comes in between is counted. */
  turn(following) {
    this.following = following;
    this.knew = store.timelines.get(this.selected)?.last ?? 0;
    this.showNewest();
    this.markRead();
  }

  showNewest() {
    this.newest.hidden = this.following;
    if (this.following) return;
    const since = (store.timelines.get(this.selected)?.events ?? []).filter(({ sequence }) => sequence > this.knew);
    const count = since.filter(({ event }) => event.type === "message_sent").length;
    this.newestWords.textContent = count ? `${count} new message${count > 1 ? "s" : ""}` : "Newest messages";
  }

  more() {
    if (store.timelines.get(this.selected)?.first > 1) older(this.selected).catch(() => {});
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.place = this.log.scrollTop; // its event comes with the next frame, and somebody may have scrolled by then
    if (!this.following) this.turn(true);
  }
}

customElements.define("ls-messages", Messages);
