// The open conversation: who it is and who has it, what can be done now, the messages, the input.

import { fill, h } from "../../common/dom.js";
import { end, returnToAssistant, takeOver } from "../actions.js";
import { clock } from "../clocks.js";
import { closeDialog } from "../dialogs/close.js";
import { assignDialog, returnDialog, transferDialog } from "../dialogs/hand.js";
import { Element } from "../element.js";
import { visitorName } from "../format.js";
import { follow, leave } from "../history.js";
import { icon } from "../icons.js";
import { waitingSince } from "../list/mailboxes.js";
import { connection } from "../live.js";
import { go, href, route } from "../router.js";
import { store } from "../store.js";
import { toast } from "../toast.js";
import "./composer.js";
import "./messages.js";

const AGAIN_MS = 3000;
const FRESH_MS = 400;

class Conversation extends Element {
  static topics = ["route", "conversations", "connection"];

  build() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Conversation");
    this.back = h("a", { class: "icon-button back", "aria-label": "Back to the list" }, icon("back"));
    this.name = h("h2", { tabindex: "-1" });
    this.state = h("span", { class: "state" });
    this.owed = h("span", {});
    this.actions = h("div", { class: "actions" });
    this.details = h(
      "button",
      {
        class: "icon-button",
        "aria-label": "Visitor details",
        title: "Visitor details",
        "aria-expanded": "false",
        onclick: () => this.showDetails(this.details.getAttribute("aria-expanded") !== "true"),
      },
      icon("beside"),
    );
    this.nothing = h(
      "div",
      { class: "nothing" },
      h("p", {}, "Choose a conversation."),
      h(
        "p",
        { class: "dim" },
        h("kbd", {}, "J"),
        " and ",
        h("kbd", {}, "K"),
        " go down and up, ",
        h("kbd", {}, "?"),
        " shows all shortcuts.",
      ),
    );
    const tools = h("div", { class: "tools" }, this.actions, this.details);
    this.header = h("header", {}, this.back, h("div", { class: "title" }, this.name, h("p", { class: "now-line" }, this.state, this.owed)), tools);
    const messages = h("ls-messages");
    this.whole = h(
      "div",
      { class: "whole" },
      this.header,
      messages,
      h("ls-composer", { onsent: () => messages.toEnd() }),
    );
    this.append(this.nothing, this.whole);
  }

  update() {
    const { selected, mailbox } = route();
    if (this.selected !== selected) this.open(selected);
    const conversation = store.conversations.get(selected);
    this.whole.hidden = !conversation;
    this.nothing.hidden = Boolean(selected && conversation);
    if (!conversation) return;
    this.back.href = href(mailbox ?? "mine");
    this.name.textContent = visitorName(conversation.visitor);
    const words = stateWords(conversation) + lookers(conversation);
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.className = `state is-${conversation.state}`;
    this.showOwed(conversation);
    this.showActions(conversation);
  }

  /** For how long an answer has been owed: on a phone no list shows it. */
  showOwed(conversation) {
    const since = waitingSince(conversation);
    if (this.since === since) return;
    this.since = since;
    fill(this.owed, since !== null && clock(since, store.targetOf(conversation.bot)));
  }

  async open(id) {
    const before = this.selected;
    this.selected = id;
    if (before && before !== id) this.showDetails(false);
    if (before && before !== id) leave(before, connection);
    if (!id) return;
    store.alerts.delete(id);
    try {
      await follow(id, connection);
    } catch {
      if (route().selected !== id) return;
      if (!store.conversations.has(id)) {
        toast("There is no such conversation, or it is not one of your bots’.", "bad");
        go(route().mailbox ?? "mine");
      } else setTimeout(() => route().selected === id && this.open(id), AGAIN_MS);
    }
  }

  showActions(conversation) {
    const { id, state } = conversation;
    const mine = store.mine(conversation);
    const alone = store.answersAlone(conversation);
    const signature = [id, state, mine, alone].join();
    if (this.actions.signature === signature) return;
    this.actions.signature = signature;
    const focused = this.actions.contains(document.activeElement);
    const button = (words, key, act, kind = "", label = words) =>
      h("button", { class: kind, "aria-label": label, title: `${label} (${key})`, onclick: act }, words);
    const besides = (label, key, act, drawing) =>
      h("button", { class: "narrow", "aria-label": label, title: `${label} (${key})`, onclick: act }, icon(drawing));
    fill(
      this.actions,
      !alone &&
        (state === "assistant" || state === "queued" || (state === "live" && !mine && store.manager)) &&
        button("Take over", "T", () => takeOver(id), "primary"),
      !alone && store.manager && !mine && state !== "closed" && button("Assign", "G", () => assignDialog(id)),
      mine && [
        h(
          "span",
          { class: "split" },
          button("Return to AI", "E", () => returnToAssistant(id)),
          besides("Hand back with a summary", "Shift+E", () => returnDialog(id), "note"),
        ),
        button("Transfer", "X", () => transferDialog(id)),
      ],
      (mine || state === "assistant" || state === "queued" || (store.manager && state === "live")) &&
        h(
          "span",
          { class: "split" },
          button(["Close", h("span", { class: "spare" }, " conversation")], "C", () => closeDialog(id), "", "Close conversation"),
          besides("End without a resolution", "Shift+C", () => end(id), "end"),
        ),
    );
    // What has come under the pointer just now is not what the second half of a double click was meant for.
    if (this.actions.matches(":hover")) {
      this.actions.classList.add("fresh");
      setTimeout(() => this.actions.classList.remove("fresh"), FRESH_MS);
    }
    if (focused) (this.actions.querySelector("button") ?? this.querySelector(".log")).focus();
  }

  /** On narrow windows: the visitor's details open over the messages, and go again. */
  showDetails(open) {
    const beside = document.querySelector("ls-beside");
    if (beside.classList.contains("open") === open) return;
    this.details.setAttribute("aria-expanded", String(open));
    beside.style.setProperty("--below", `${this.header.offsetHeight}px`);
    beside.classList.toggle("open", open);
    (open ? beside.hide : this.details).focus();
  }
}

function lookers({ id, owner }) {
  const lookers = (store.viewers.get(id) ?? []).map((agent) => agent.id ?? agent);
  const others = lookers.filter((agent) => agent !== store.me.id && agent !== owner?.id);
  return others.length ? ` · ${others.map((agent) => store.agents.get(agent)?.name ?? agent).join(", ")} also looking` : "";
}

function stateWords({ bot, state, owner, queue, resolution, visitor }) {
  const presence = visitor.online ? " · online" : "";
  switch (state) {
    case "assistant":
      return `With the assistant${store.answersAlone({ bot }) ? ", who answers alone" : ""}${presence}`;
    case "queued":
      return `Waiting${queue ? `, number ${queue.position} in the queue` : " for a human"}${presence}`;
    case "live":
      return `${owner?.id === store.me.id ? "With you" : `With ${owner?.name}`}${presence}`;
  }
  return `Closed${resolution ? `: ${resolution}` : ""}`;
}

customElements.define("ls-conversation", Conversation);
