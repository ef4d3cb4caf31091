// A line below the bar while a bot's Telegram group is behind or out of reach: who answers there does not see everything.

import { h } from "../common/dom.js";
import { Element } from "./element.js";
import { store } from "./store.js";

const BEHIND = 10; // fewer messages than that are on their way

class TelegramLine extends Element {
  static topics = ["telegram", "me"];

  build() {
    this.text = h("p", { class: "telegram-state", "aria-live": "polite" });
    this.append(this.text);
  }

  update() {
    const lines = [...store.telegram].filter(([, { pending, problem }]) => problem || pending >= BEHIND).map(describe);
    this.text.textContent = lines.join(" ");
  }
}

function describe([bot, { pending, problem }]) {
  const waits = pending ? `${pending} ${pending === 1 ? "message waits" : "messages wait"} to be shown in the group.` : "";
  return [`Telegram, ${store.botName(bot)}:`, problem ?? "", waits].filter(Boolean).join(" ");
}

customElements.define("ls-telegram", TelegramLine);
