// Beside the conversation: who the visitor is, tags, notes, and what they wrote about before.

import { fill, h } from "../../common/dom.js";
import { attempt } from "../actions.js";
import { api, query } from "../api.js";
import { Element } from "../element.js";
import { dateTimeOf, visitorName, whenOf } from "../format.js";
import { mailboxOf } from "../list/mailboxes.js";
import { icon } from "../icons.js";
import { drafts } from "../preferences.js";
import { href, route } from "../router.js";
import { store } from "../store.js";

const SUGGESTED_MOST = 5;

class Beside extends Element {
  static topics = ["route", "conversations", "timeline"];

  build() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Visitor");
    const close = () => document.querySelector("ls-conversation").showDetails(false);
    this.hide = h(
      "button",
      { class: "icon-button hide", "aria-label": "Hide details", title: "Hide (Esc)", onclick: close },
      icon("close"),
    );
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.classList.contains("open")) return;
      event.preventDefault();
      close();
    });
    this.facts = h("dl", { class: "facts" });
    this.tags = h("ul", { class: "tags", "aria-label": "Tags" });
    this.tag = h("input", { type: "text", id: "add-tag", maxlength: "40", autocomplete: "off", oninput: () => this.suggest() });
    this.suggested = h("ul", { class: "tags suggested", "aria-label": "Suggested tags" });
    this.notes = h("ul", { class: "notes", "aria-label": "Notes" });
    this.note = h("textarea", {
      id: "add-note",
      rows: "2",
      oninput: () => drafts.set(noteOf(this.selected), this.note.value),
      onkeydown: (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && this.addNote(event),
    });
    this.earlier = h("ul", { class: "earlier", "aria-label": "Earlier conversations" });
    this.append(
      this.hide,
      h("section", {}, h("h2", {}, "Visitor"), this.facts),
      h(
        "section",
        {},
        h("h2", {}, "Tags"),
        this.tags,
        h(
          "form",
          { class: "add", onsubmit: (event) => this.addTag(event) },
          h("label", { class: "unseen", for: "add-tag" }, "Add a tag"),
          this.tag,
          h("button", {}, "Add", h("span", { class: "unseen" }, " this tag")),
        ),
        this.suggested,
      ),
      h(
        "section",
        {},
        h("h2", {}, "Notes"),
        this.notes,
        h(
          "form",
          { class: "add", onsubmit: (event) => this.addNote(event) },
          h("label", { class: "unseen", for: "add-note" }, "Add a note"),
          this.note,
          h("button", {}, "Add", h("span", { class: "unseen" }, " this note")),
        ),
      ),
      h("section", {}, h("h2", {}, "Earlier conversations"), this.earlier),
    );
    this.tag.placeholder = "Add a tag";
    this.note.placeholder = "Add a note, only your team sees it";
  }

  update() {
    const { selected } = route();
    const conversation = store.conversations.get(selected);
    this.hidden = !conversation;
    if (!conversation) return;
    if (this.selected !== selected) {
      Object.assign(this, { selected, signature: null });
      this.tag.value = "";
      this.suggest();
      this.note.value = drafts.get(noteOf(selected));
      this.loadEarlier(conversation);
    }
    const notes = (store.timelines.get(selected)?.events ?? []).filter(({ event }) => event.type === "note_added");
    const signature = JSON.stringify([conversation.visitor, conversation.tags, conversation.bot, notes.length]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.showFacts(conversation);
    this.showTags(conversation);
    this.showNotes(notes);
  }

  showFacts({ visitor, bot, opened_at_ms }) {
    const rows = [
      ["Name", visitorName(visitor)],
      ["Now", visitor.online ? "Online" : visitor.last_seen_ms ? `Last seen ${whenOf(visitor.last_seen_ms)}` : "Offline"],
      ["E-mail", visitor.email && h("a", { href: `mailto:${address(visitor.email)}` }, visitor.email)],
      ["Location", words(visitor.location)],
      ["Device", words(visitor.device)],
      ["Page", page(visitor.page)],
      ["Language", visitor.locale],
      ["Bot", store.botName(bot)],
      ["Began", dateTimeOf(opened_at_ms)],
      ...Object.entries(visitor.attributes ?? {}).map(([name, value]) => [name, words(value)]),
    ];
    fill(
      this.facts,
      rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    );
  }

  showTags({ id, tags }) {
    const drop = (tag) => attempt("change_tags", id, { remove: [tag] });
    fill(
      this.tags,
      tags.map((tag) =>
        h("li", { class: "tag" }, tag, h("button", { "aria-label": `Remove the tag ${tag}`, onclick: () => drop(tag) }, "×")),
      ),
    );
  }

  showNotes(notes) {
    const author = ({ author: who }) => who?.name ?? store.agents.get(who)?.name ?? who;
    fill(
      this.notes,
      notes.map(({ at_ms, event }) => h("li", {}, h("p", {}, event.text), h("p", { class: "dim" }, `${author(event)}, ${whenOf(at_ms)}`))),
    );
  }

  async loadEarlier({ id, visitor }) {
    fill(this.earlier);
    const found = await api("GET", `/api/conversations?${query({ visitor: visitor.id, limit: 20 })}`).catch(() => null);
    if (this.selected !== id) return;
    if (!found) return void fill(this.earlier, h("li", { class: "dim" }, "They could not be read."));
    const { items } = found;
    const others = items.filter((one) => one.id !== id);
    for (const one of others) store.put(one);
    const line = (one) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: href(mailboxOf(one), one.id) },
          h("span", {}, one.preview || "No messages"),
          h("span", { class: "dim" }, `${whenOf(one.opened_at_ms)}${one.resolution ? `, ${one.resolution}` : ""}`),
        ),
      );
    fill(this.earlier, others.length ? others.map(line) : h("li", { class: "dim" }, "This is the first."));
  }

  /** Tags that are in use elsewhere and have in them what is being typed: a team soon has one word for a thing. */
  suggest() {
    const typed = this.tag.value.trim().toLowerCase();
    const { tags = [] } = store.conversations.get(this.selected) ?? {};
    const fits = (tag) => tag.toLowerCase().includes(typed) && !tags.includes(tag);
    const found = typed ? store.tags.filter(fits).slice(0, SUGGESTED_MOST) : [];
    fill(
      this.suggested,
      found.map((tag) => h("li", {}, h("button", { onclick: () => this.useTag(tag) }, tag))),
    );
  }

  addTag(event) {
    event.preventDefault();
    const tag = this.tag.value.trim();
    if (tag) this.useTag(tag);
  }

  async useTag(tag) {
    const { selected } = this;
    if (!(await attempt("change_tags", selected, { add: [tag] })) || this.selected !== selected) return;
    this.tag.value = "";
    this.suggest();
    this.tag.focus();
  }

  async addNote(event) {
    event.preventDefault();
    const { selected } = this;
    const text = this.note.value.trim();
    if (!text || !(await attempt("add_note", selected, { text }))) return;
    drafts.set(noteOf(selected), "");
    if (this.selected === selected) this.note.value = "";
  }
}

/** Under what a note that is being written is kept beside the reply that is. */
const noteOf = (conversation) => `${conversation}:note`;

/** A value of unknown shape in words: text as it is, an object's values with commas. */
function words(value) {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "object")
    return (
      Object.values(value)
        .filter((part) => part && typeof part !== "object")
        .join(", ") || null
    );
  return String(value);
}

/** The part of a mailto link that is an address; what a visitor put behind it adds no recipient and no text. */
const address = (email) => email.split("@").map(encodeURIComponent).join("@");

function page(value) {
  const url = value?.url ?? (typeof value === "string" ? value : null);
  if (!url) return null;
  return /^https?:/.test(url) ? h("a", { href: url, title: url, target: "_blank", rel: "noopener noreferrer" }, value.title || url) : url;
}

customElements.define("ls-beside", Beside);
