// The list of a mailbox. Only the rows that show are in the page, so that thousands scroll as smoothly as ten.

import { fill, h, reconcile } from "../../common/dom.js";
import { Element } from "../element.js";
import { href, route } from "../router.js";
import { store } from "../store.js";
import "./filters.js";
import { boxes, mailboxOf, orders } from "./mailboxes.js";
import { row, rowSignature } from "./row.js";
import { ANY, filters, found, moreClosed, search } from "./search.js";

export const ROW_PX = 84;
const SPARE_ROWS = 6;
const AWAY = "Nothing to answer. Choose Online under Status, and new conversations come to you.";

class List extends Element {
  static topics = ["conversations", "route", "filters", "agents"];

  build() {
    this.heading = h("h1", {});
    this.rows = h("div", { class: "rows", role: "list", "aria-label": "Conversations" });
    this.empty = h("p", { class: "empty" });
    this.scroller = h("div", { class: "scroller", tabindex: "-1", onscroll: () => this.draw() }, this.rows, this.empty);
    this.append(h("div", { class: "list-head" }, this.heading, h("ls-filters")), this.scroller);
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    store.listen("typing", () => this.draw());
  }

  update() {
    const { mailbox } = route();
    if (!mailbox) return;
    const box = boxes.find(({ name }) => name === mailbox);
    if (this.mailbox !== mailbox || this.bot !== store.bot) {
      Object.assign(this, { mailbox, bot: store.bot });
      this.heading.textContent = box.label;
      this.scroller.scrollTop = 0;
      if (mailbox === "closed") moreClosed();
    }
    const all = found.active ? found.items : [...store.conversations.values()];
    const fits = found.active && filters.state ? inState : (one) => mailboxOf(one) === mailbox;
    this.items = all.filter((one) => store.shows(one) && fits(one)).sort(orders[mailbox]);
    fill(this.empty, this.items.length ? null : store.listed ? this.nothing(box) : "Loading…");
    this.draw();
  }

  nothing({ name, empty }) {
    if (!found.active) return name === "mine" && store.status !== "online" ? AWAY : empty;
    const everywhere = () => {
      filters.state = ANY;
      search().catch(() => {});
    };
    return ["Nothing matches", filters.state ? "." : [" here. ", h("button", { onclick: everywhere }, "Search all mailboxes")]];
  }

  draw() {
    const { mailbox, items = [], scroller } = this;
    const from = Math.max(0, Math.floor(scroller.scrollTop / ROW_PX) - SPARE_ROWS);
    const to = Math.min(items.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_PX) + SPARE_ROWS);
    this.rows.style.height = `${items.length * ROW_PX}px`;
    const { selected } = route();
    const shown = items
      .slice(from, to)
      .map((conversation, at) => ({ conversation, at: from + at, of: items.length, selected: conversation.id === selected, mailbox }));
    reconcile(this.rows, shown, { key: ({ conversation }) => conversation.id, signature: rowSignature, draw: row });
    for (const { conversation, at } of shown) {
      this.rows.drawn.get(conversation.id).style.transform = `translateY(${at * ROW_PX}px)`;
    }
    if (mailbox === "closed" && to >= items.length - SPARE_ROWS) moreClosed();
  }

  /** The neighbour of the selected conversation, brought into view. */
  step(by) {
    const at = this.items.findIndex(({ id }) => id === route().selected);
    const next = this.items[Math.min(this.items.length - 1, Math.max(0, at + by))];
    if (!next) return;
    const top = this.items.indexOf(next) * ROW_PX;
    const { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + ROW_PX > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW_PX - scroller.clientHeight;
    location.hash = href(this.mailbox, next.id);
  }
}

const inState = ({ state }) => filters.state === ANY || filters.state === state;

customElements.define("ls-list", List);
