// The rail: mailboxes with their counts, whose bot's, and the pages. What needs somebody is marked in words too, not by colour alone.

import { fill, h } from "../common/dom.js";
import { Element } from "./element.js";
import { icon } from "./icons.js";
import { boxes, mailboxOf } from "./list/mailboxes.js";
import { href, route } from "./router.js";
import { store } from "./store.js";

class Rail extends Element {
  static topics = ["route", "conversations", "me"];

  build() {
    this.counts = {};
    this.links = {};
    const link = (name, label, address) => {
      this.counts[name] = h("span", { class: "count", "aria-hidden": "true" });
      return (this.links[name] = h("a", { href: address }, icon(name), h("span", {}, label), this.counts[name]));
    };
    this.bots = h("nav", { "aria-label": "Bots", class: "bots", hidden: true });
    this.managing = h(
      "nav",
      { "aria-label": "Team" },
      h("h2", {}, "Team"),
      link("waiting", "Waiting", href("waiting")),
      link("agents", "Agents", href("agents")),
      link("replies", "Quick replies", href("replies")),
    );
    this.append(
      h(
        "nav",
        { "aria-label": "Mailboxes" },
        boxes.map(({ name, label }) => link(name, label, href(name))),
      ),
      this.bots,
      this.managing,
      h("nav", { "aria-label": "Pages" }, link("reports", "Reports", href("reports")), link("settings", "Settings", href("settings"))),
    );
  }

  update() {
    const { page, mailbox } = route();
    for (const [name, link] of Object.entries(this.links)) {
      if (name === (mailbox ?? page)) {
        if (!link.hasAttribute("aria-current")) link.scrollIntoView({ block: "nearest", inline: "center" });
        link.setAttribute("aria-current", "page");
      } else link.removeAttribute("aria-current");
    }
    this.managing.hidden = !store.manager;
    const counts = {};
    const perBot = {};
    let unread = 0;
    for (const conversation of store.conversations.values()) {
      if (conversation.state !== "closed") perBot[conversation.bot] = (perBot[conversation.bot] ?? 0) + 1;
      if (!store.shows(conversation)) continue;
      const box = mailboxOf(conversation);
      counts[box] = (counts[box] ?? 0) + 1;
      if (box === "mine" && store.unread(conversation)) unread += 1;
    }
    for (const { name } of boxes) {
      if (name === "closed") continue;
      const count = counts[name] ?? 0;
      const shown = name === "mine" ? unread || count : count; // what is marked as unread counts what is
      this.counts[name].textContent = shown > 999 ? "999+" : shown || "";
      this.links[name].setAttribute("aria-description", `${count} conversation${count === 1 ? "" : "s"}${name === "mine" && unread ? `, ${unread} unread` : ""}`);
    }
    this.showBots(perBot);
    this.links.mine.classList.toggle("unread", unread > 0);
    this.links.queue.classList.toggle("waits", (counts.queue ?? 0) > 0);
  }

  /** Whose conversations are shown: for those with several bots. */
  showBots(perBot) {
    const signature = JSON.stringify([store.bot, perBot, [...store.bots.keys()]]);
    this.bots.hidden = store.bots.size < 2;
    if (this.bots.signature === signature) return;
    this.bots.signature = signature;
    const all = Object.values(perBot).reduce((sum, count) => sum + count, 0);
    const choice = (id, name, count) =>
      h(
        "button",
        { "aria-pressed": String(store.bot === id), "aria-label": `${name}, ${count} open`, title: name, onclick: () => choose(id) },
        h("span", {}, name),
        h("span", { class: "count", "aria-hidden": "true" }, count > 999 ? "999+" : count || ""),
      );
    const focused = [...this.bots.children].indexOf(document.activeElement);
    fill(
      this.bots,
      h("h2", {}, "Bots"),
      choice("", "All bots", all),
      [...store.bots.values()].map(({ id, name }) => choice(id, name, perBot[id] ?? 0)),
    );
    this.bots.children[focused]?.focus();
  }
}

function choose(bot) {
  store.bot = bot;
  for (const topic of ["conversations", "route"]) store.changed(topic);
}

customElements.define("ls-rail", Rail);
