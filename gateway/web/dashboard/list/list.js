// The list of a mailbox. Only the rows that show are in the page, so that thousands scroll as smoothly as ten.

import { fill, h, reconcile } from "../../common/dom.js";
import { Element } from "../element.js";
import { href, route } from "../router.js";
import { store } from "../store.js";
import "./filters.js";
import { boxes, mailboxOf, orders, places } from "./mailboxes.js";
import { row, rowSignature } from "./row.js";
import { ANY, behind, filters, found, moreClosed, search } from "./search.js";

const ROW_PX = 84;
const SPARE_ROWS = 6;
const LATE_MS = 150;
const AWAY = "Nothing to answer. Choose Online under Status, and new conversations come to you.";

class List extends Element {
  static topics = ["conversations", "route", "filters", "agents"];
  places = new Map(); // id → place in the queue
  late = false; // the list that was chosen has been awaited for so long that it shows

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
    this.heading.textContent = boxes.find(({ name }) => name === mailbox).label;
    const shown = found.active ? found : { mailbox, bot: store.bot };
    const which = found.active ? found.ids : `${mailbox} ${store.bot}`;
    if (this.which !== which) this.scroller.scrollTop = 0;
    Object.assign(this, { mailbox, which });
    const all = found.active ? found.items : [...store.conversations.values()];
    const fits = shown.state ? inState(shown.state) : (one) => mailboxOf(one) === shown.mailbox;
    this.items = all.filter((one) => (!shown.bot || one.bot === shown.bot) && fits(one)).sort(orders[shown.mailbox]);
    this.places = this.items.some(({ state }) => state === "queued") ? places() : new Map();
    this.draw();
    this.wait(behind());
    if (this.items.length) fill(this.empty);
    else if (this.late) fill(this.empty, "Loading…");
    else if (!this.waits) fill(this.empty, this.nothing(shown));
  }

  /** While the list that was chosen is still to come what shows looks so; not at once, or every click would flicker. */
  wait(waits) {
    if (this.waits === waits) return;
    this.waits = waits;
    clearTimeout(this.timer);
    this.look(false);
    if (waits) this.timer = setTimeout(() => this.look(true), LATE_MS);
  }

  look(late) {
    if (this.late === late) return;
    this.late = late;
    this.rows.setAttribute("aria-busy", late);
    this.update();
  }

  nothing({ mailbox, state, problem }) {
    const { name, empty } = boxes.find((box) => box.name === mailbox);
    if (problem) return [problem, " ", h("button", { onclick: () => search() }, "Try again")];
    if (!found.active) return name === "mine" && store.status !== "online" ? AWAY : empty;
    const everywhere = () => {
      filters.state = ANY;
      search();
    };
    return ["Nothing matches", state ? "." : [" here. ", h("button", { onclick: everywhere }, "Search all mailboxes")]];
  }

  draw() {
    const { mailbox, items = [], scroller } = this;
    const from = Math.max(0, Math.floor(scroller.scrollTop / ROW_PX) - SPARE_ROWS);
    const to = Math.min(items.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_PX) + SPARE_ROWS);
    this.rows.style.height = `${items.length * ROW_PX}px`;
    const { selected } = route();
    const shown = items.slice(from, to).map((conversation, at) => ({
      conversation,
      at: from + at,
      of: items.length,
      selected: conversation.id === selected,
      mailbox,
      place: this.places.get(conversation.id),
    }));
    const [focused] = [...(this.rows.drawn ?? [])].find(([, one]) => one.contains(document.activeElement)) ?? [];
    reconcile(this.rows, shown, { key: ({ conversation }) => conversation.id, signature: rowSignature, draw: row });
    for (const { conversation, at } of shown) {
      this.rows.drawn.get(conversation.id).style.transform = `translateY(${at * ROW_PX}px)`;
    }
    // A row that moves loses the focus, one that is gone takes it with it: the keys would scroll nothing any more.
    if (focused && !this.rows.contains(document.activeElement))
      (this.rows.drawn.get(focused)?.firstChild ?? scroller).focus({ preventScroll: true });
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

const inState = (wanted) => ({ state }) => wanted === ANY || wanted === state;

customElements.define("ls-list", List);
