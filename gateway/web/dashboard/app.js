// The frame around everything: the bar at the top, the offers, the rail of mailboxes and pages, and the page that the address names.

import { fill, h } from "../common/dom.js";
import { api, session } from "./api.js";
import "./conversation/beside.js";
import "./conversation/conversation.js";
import { showShortcuts } from "./dialogs/shortcuts.js";
import { Element } from "./element.js";
import { icon } from "./icons.js";
import "./keys.js";
import "./list/list.js";
import { connection, forgetUnsent } from "./live.js";
import "./offers.js";
import "./rail.js";
import { href, route } from "./router.js";
import "./status.js";
import { store } from "./store.js";
import "./telegram.js";

const pages = {
  reports: () => import("./manage/reports.js"),
  settings: () => import("./settings.js"),
  waiting: () => import("./manage/waiting.js"),
  agents: () => import("./manage/agents.js"),
  replies: () => import("./manage/replies.js"),
};

const LATE_MS = 200;
const narrow = matchMedia("(max-width: 900px)"); // as in list.css
const hidden = (element) => element?.checkVisibility() === false;
const words = { connecting: "Connecting…", waiting: "Connection lost. Trying again…", refused: "The server refuses this page." };

class App extends Element {
  static topics = ["route", "connection", "me"];

  build() {
    this.line = h("p", { class: "line-state", role: "status" });
    this.who = h("span", { class: "who" });
    this.page = h("main", { class: "page" });
    this.append(
      h(
        "header",
        { class: "top" },
        h(
          "h1",
          {},
          h(
            "a",
            { class: "brand", href: "#/mine" },
            h("img", { src: "/static/icon.svg", alt: "", width: "26", height: "26" }),
            h("span", {}, "Livesupport"),
          ),
        ),
        this.line,
        h("ls-status"),
        this.who,
        h(
          "button",
          { class: "icon-button", "aria-label": "Keyboard shortcuts", title: "Keyboard shortcuts (?)", onclick: showShortcuts },
          icon("help"),
        ),
        h("button", { class: "quiet", onclick: () => this.logOut() }, "Log out"),
      ),
      h("ls-telegram"),
      h("ls-offers"),
      h("div", { class: "body" }, h("ls-rail"), this.page),
    );
  }

  update() {
    this.line.textContent = words[store.connection] ?? "";
    this.who.textContent = this.who.title = store.me?.name ?? "";
    const { mailbox, page, selected } = route();
    const before = this.dataset.view;
    this.dataset.view = mailbox ? (selected ? "conversation" : "list") : "page";
    const left = this.selected;
    this.selected = selected;
    if (narrow.matches && before && before !== this.dataset.view) queueMicrotask(() => this.land(mailbox, left));
    this.show(mailbox ? "mailboxes" : page);
  }

  /** A narrow window has room for the list or for a conversation: the focus goes along, unless it was taken meanwhile. */
  land(mailbox, left) {
    const { activeElement } = document;
    if (activeElement !== document.body && !hidden(activeElement)) return;
    const row = left && this.querySelector(`.row a[href="${href(mailbox, left)}"]`);
    (this.selected ? this.querySelector("ls-conversation h2") : (row ?? this.querySelector(".scroller")))?.focus();
  }

  async show(name) {
    if (this.shown === name) return;
    this.shown = name;
    if (name === "mailboxes") {
      this.mailboxes ??= [h("ls-list"), h("ls-conversation"), h("ls-beside")];
      fill(this.page, this.mailboxes);
      this.page.className = "page mailboxes";
      return;
    }
    const late = setTimeout(() => this.say(name, "Loading…"), LATE_MS);
    try {
      await (pages[name] ?? pages.settings)();
    } catch {
      const again = () => {
        this.shown = null;
        this.update();
      };
      this.say(name, "This page could not be loaded. ", h("button", { onclick: again }, "Try again"));
      return;
    } finally {
      clearTimeout(late);
    }
    if (this.shown !== name) return;
    this.page.className = "page single";
    fill(this.page, h(`ls-${pages[name] ? name : "settings"}`));
    this.page.scrollTop = 0;
  }

  /** Instead of the page of this name, while it is still the one that is wanted. */
  say(name, ...words) {
    if (this.shown !== name) return;
    this.page.className = "page single";
    fill(this.page, h("p", { class: "empty", role: "status" }, words));
  }

  async logOut() {
    connection.close();
    forgetUnsent();
    await api("POST", "/api/logout").catch(() => {});
    session.drop();
    location.assign("/dashboard");
  }
}

customElements.define("ls-app", App);
