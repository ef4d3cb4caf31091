// Quick replies: the editor. Variables are filled in when a reply is chosen.

import { fill, h } from "../../common/dom.js";
import { api, itemsOf } from "../api.js";
import { ask, field } from "../dialogs/dialog.js";
import { Element } from "../element.js";
import { store } from "../store.js";

class Replies extends Element {
  build() {
    this.list = h("ul", { class: "replies", "aria-label": "Quick replies" });
    this.append(
      h(
        "div",
        { class: "page-head" },
        h("h1", {}, "Quick replies"),
        h("button", { class: "primary", onclick: () => this.edit({ shortcut: "", text: "", bots: store.me.bots }) }, "New quick reply"),
      ),
      h(
        "p",
        { class: "dim above" },
        "Agents find them by typing / into a reply. {visitor.name}, {agent.name} and {bot.name} are filled in.",
      ),
      this.list,
    );
    this.load();
  }

  async load() {
    const replies = await api("GET", "/api/quick-replies").then(itemsOf, () => null);
    if (!replies) {
      const again = h("button", { onclick: () => this.load() }, "Try again");
      return fill(this.list, h("li", {}, "The quick replies could not be read. ", again));
    }
    replies.sort((a, b) => a.shortcut.localeCompare(b.shortcut));
    const line = (one) =>
      h(
        "li",
        { class: "card" },
        h(
          "div",
          {},
          h("strong", {}, `/${one.shortcut}`),
          h("span", { class: "dim" }, ` ${(one.bots ?? []).map((bot) => store.botName(bot)).join(", ") || "all bots"}`),
          h("p", {}, one.text),
        ),
        h(
          "div",
          { class: "actions" },
          h("button", { "aria-label": `Edit ${one.shortcut}`, onclick: () => this.edit(one) }, "Edit"),
          h("button", { class: "danger", "aria-label": `Delete ${one.shortcut}`, onclick: () => this.drop(one) }, "Delete"),
        ),
      );
    return fill(this.list, replies.length ? replies.map(line) : h("li", { class: "dim" }, "There are none yet."));
  }

  edit({ id, shortcut, text, bots }) {
    const box = (bot) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "checkbox", name: `bot:${bot}`, checked: !bots?.length || bots.includes(bot) }),
        store.botName(bot),
      );
    ask({
      title: id ? "Edit quick reply" : "New quick reply",
      fields: [
        field(
          "Shortcut",
          h("input", {
            name: "shortcut",
            value: shortcut,
            required: true,
            maxlength: "40",
            pattern: "[^\\s\\/]+",
            title: "One word, without a slash",
          }),
        ),
        field("Text", h("textarea", { name: "text", rows: "5", value: text, required: true, maxlength: "8000" })),
        h("fieldset", { class: "field" }, h("legend", {}, "For"), store.me.bots.map(box)),
      ],
      action: "Save",
      act: (fields) => {
        const chosen = store.me.bots.filter((bot) => fields[`bot:${bot}`]);
        const body = { shortcut: fields.shortcut, text: fields.text, bots: chosen };
        return this.attempt(() => (id ? api("PUT", `/api/quick-replies/${id}`, body) : api("POST", "/api/quick-replies", body)));
      },
    });
  }

  drop({ id, shortcut }) {
    ask({
      title: `Delete /${shortcut}?`,
      fields: h("p", { class: "field" }, "Nobody will find it any more. What was sent with it stays."),
      action: "Delete",
      act: () => this.attempt(() => api("DELETE", `/api/quick-replies/${id}`)),
    });
  }

  async attempt(work) {
    try {
      await work();
      await this.load();
      return true;
    } catch (error) {
      return error.message;
    }
  }
}

customElements.define("ls-replies", Replies);
