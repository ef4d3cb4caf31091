// The search box, and the filters that open below it.

import { fill, h } from "../../common/dom.js";
import { Element } from "../element.js";
import { icon } from "../icons.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { ANY, filters, search } from "./search.js";

const REST_MS = 250;
const STATES = [
  [ANY, "any"],
  ["assistant", "with the assistant"],
  ["queued", "waiting"],
  ["live", "with an agent"],
  ["closed", "closed"],
];

class Filters extends Element {
  static topics = ["route", "agents", "filters"];

  build() {
    this.input = h("input", { type: "search", placeholder: "Search", "aria-label": "Search conversations", oninput: () => this.rested() });
    this.tag = h("input", { type: "text", placeholder: "any", "aria-label": "Filter by tag", list: "tags", oninput: () => this.rested() });
    this.agent = h("select", { "aria-label": "Filter by agent", onchange: () => this.ask() });
    this.state = h("select", { "aria-label": "Filter by state", onchange: () => this.ask() });
    choices(this.state, "this mailbox", STATES);
    this.tags = h("datalist", { id: "tags" });
    this.more = h(
      "div",
      { class: "filters", hidden: true },
      h("label", {}, "Tag", this.tag),
      h("label", {}, "Agent", this.agent),
      h("label", {}, "State", this.state),
      this.tags,
    );
    this.toggle = h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Filters",
        title: "Filters",
        "aria-expanded": "false",
        onclick: () => this.open(),
      },
      icon("settings"),
    );
    this.append(h("div", { class: "search" }, icon("search"), this.input, this.toggle), this.more);
  }

  update() {
    const { mailbox } = route();
    if (!mailbox) return;
    const place = `${mailbox} ${store.bot}`;
    if (this.asked !== place) search();
    this.asked = place;
    this.state.value = filters.state;
    choices(
      this.agent,
      "any",
      [...store.agents.values()].map(({ id, name }) => [id, name]),
    );
  }

  open() {
    this.more.hidden = !this.more.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.more.hidden));
    fill(
      this.tags,
      store.tags.map((tag) => h("option", { value: tag })),
    );
    if (!this.more.hidden) return this.tag.focus();
    for (const field of [this.tag, this.agent, this.state]) field.value = "";
    return this.ask();
  }

  rested() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.ask(), REST_MS);
  }

  ask() {
    Object.assign(filters, { q: this.input.value.trim(), tag: this.tag.value.trim(), agent: this.agent.value, state: this.state.value });
    this.classList.toggle("filtered", Boolean(filters.tag || filters.agent || filters.state));
    this.asked = null;
    if (this.isConnected) this.update();
  }
}

function choices(select, none, pairs) {
  const signature = JSON.stringify(pairs);
  if (select.signature === signature) return;
  const { value } = select;
  fill(
    select,
    h("option", { value: "" }, none),
    pairs.map(([id, name]) => h("option", { value: id }, name)),
  );
  select.value = value;
  select.signature = signature;
}

customElements.define("ls-filters", Filters);
