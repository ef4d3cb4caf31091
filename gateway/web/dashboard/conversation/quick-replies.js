// Quick replies: “/” at the start of the input lists them, further letters filter, Enter or Tab puts one in with its variables filled.

import { fill, h } from "../../common/dom.js";
import { api, itemsOf, query } from "../api.js";
import { visitorName } from "../format.js";
import { route } from "../router.js";
import { store } from "../store.js";

const MOST = 8;

/** Replaces {visitor.name}, {agent.name} and the like by what they are here. */
export function filled(text, conversation) {
  const { visitor } = conversation;
  const known = {
    visitor: { ...visitor.attributes, ...visitor, name: visitor.name ? visitorName(visitor) : "there" },
    agent: store.me,
    bot: { name: store.botName(conversation.bot), id: conversation.bot },
  };
  return text.replace(/\{(visitor|agent|bot)\.(\w+)\}/g, (whole, who, field) => known[who][field] ?? whole);
}

export class QuickReplies {
  constructor(input, put) {
    Object.assign(this, { input, put, at: 0, shown: [] });
    this.box = h("ul", { class: "quick-replies", id: "quick-replies", role: "listbox", "aria-label": "Quick replies", hidden: true });
    input.setAttribute("aria-controls", "quick-replies");
    input.setAttribute("aria-autocomplete", "list");
  }

  async filter() {
    const [, typed] = /^\/(\S*)$/.exec(this.input.value) ?? [];
    if (typed === undefined) return this.hide();
    const conversation = store.conversations.get(route().selected);
    const replies = await this.load(conversation.bot).catch(() => null);
    if (this.input.value !== `/${typed}`) return undefined;
    this.missing = replies ? "No quick reply fits." : "The quick replies could not be read.";
    const wanted = typed.toLowerCase();
    const rank = ({ shortcut }) => (shortcut.toLowerCase().startsWith(wanted) ? 0 : 1);
    this.shown = (replies ?? [])
      .filter(({ shortcut, text }) => `${shortcut} ${text}`.toLowerCase().includes(wanted))
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, MOST);
    this.at = 0;
    return this.draw(conversation);
  }

  async load(bot) {
    if (this.bot !== bot || Date.now() - this.loaded > 60_000) {
      this.replies = itemsOf(await api("GET", `/api/quick-replies?${query({ bot })}`));
      Object.assign(this, { bot, loaded: Date.now() });
    }
    return this.replies;
  }

  draw(conversation) {
    this.box.hidden = false;
    const option = ({ shortcut, text }, at) =>
      h(
        "li",
        {
          role: "option",
          id: `quick-${at}`,
          "aria-selected": String(at === this.at),
          onmousedown: (event) => event.preventDefault(),
          onclick: () => this.choose(at),
        },
        h("strong", {}, `/${shortcut}`),
        h("span", {}, filled(text, conversation)),
      );
    fill(this.box, this.shown.length ? this.shown.map(option) : h("li", { class: "dim" }, this.missing));
    if (this.shown.length) this.input.setAttribute("aria-activedescendant", `quick-${this.at}`);
    this.box.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  choose(at) {
    const conversation = store.conversations.get(route().selected);
    const { text } = this.shown[at];
    this.hide();
    this.put(filled(text, conversation));
  }

  hide() {
    this.box.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
  }

  /** True if the key was for the list. */
  key(event) {
    if (this.box.hidden || !this.shown.length) return false;
    const count = this.shown.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % count;
    else if (event.key === "ArrowUp") this.at = (this.at + count - 1) % count;
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.at);
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    if (!this.box.hidden) this.draw(store.conversations.get(route().selected));
    return true;
  }
}
