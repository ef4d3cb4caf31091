// The rail: mailboxes with their counts, and the pages. What needs somebody is marked in words too, not by colour alone.

import { h } from "../common/dom.js";
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
    let unread = 0;
    for (const conversation of store.conversations.values()) {
      const box = mailboxOf(conversation);
      counts[box] = (counts[box] ?? 0) + 1;
      if (box === "mine" && store.unread(conversation)) unread += 1;
    }
    for (const { name } of boxes) {
      if (name === "closed") continue;
      const count = counts[name] ?? 0;
      this.counts[name].textContent = count > 999 ? "999+" : count || "";
      this.links[name].setAttribute("aria-description", `${count} conversations${name === "mine" && unread ? `, ${unread} unread` : ""}`);
    }
    this.links.mine.classList.toggle("unread", unread > 0);
    this.links.queue.classList.toggle("waits", (counts.queue ?? 0) > 0);
  }
}

customElements.define("ls-rail", Rail);
