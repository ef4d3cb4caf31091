// Offers: a banner for each conversation that is offered to this agent now, with what it is about and how long there is to decide.

import { h, reconcile } from "../common/dom.js";
import { acceptOffer, declineOffer } from "./actions.js";
import { sayInDialog } from "./dialogs/heard.js";
import { Element } from "./element.js";
import { visitorName } from "./format.js";
import { ring } from "./notify.js";
import { store } from "./store.js";

const TRIGGERS = {
  visitor: "asked for a human",
  phrase: "asked for a human",
  keyword: "used a keyword",
  sentiment: "seems unhappy",
  unanswered: "got no answer from the assistant",
  assistant_failed: "got no answer: the assistant failed",
  assistant: "was handed over by the assistant",
  transfer: "was transferred",
  disconnect: "lost their agent",
};

const reason = (trigger) => TRIGGERS[trigger] ?? "needs a human";
const more = ({ preview, note }) => [preview, note && `Note: ${note}`];
const about = (offer) => [`${visitorName(offer.visitor)} ${reason(offer.trigger)}`, ...more(offer)];

class Offers extends Element {
  static topics = ["offers"];

  build() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Offers");
    this.setAttribute("aria-live", "assertive");
  }

  update() {
    const offers = [...store.offers.values()];
    for (const offer of offers) if (!this.drawn?.has(offer.conversation)) sayInDialog(about(offer).filter(Boolean).join(". "));
    const shown = offers.map((offer, at) => ({ offer, first: at === 0 }));
    reconcile(this, shown, {
      key: ({ offer }) => offer.conversation,
      signature: ({ offer, first }) => `${first} ${offer.expires_at_ms}`,
      draw: ({ offer, first }) => this.banner(offer, first),
    });
    clearInterval(this.clock);
    if (offers.length) this.clock = setInterval(() => this.tick(), 1000);
    ring(offers.length > 0);
    this.tick();
  }

  banner(offer, first) {
    const { conversation, visitor, trigger, expires_at_ms } = offer;
    const left = h("span", { class: "left", "aria-hidden": "true", "data-until": String(expires_at_ms) });
    const key = (letter) => first && h("kbd", { "aria-hidden": "true" }, letter);
    return h(
      "div",
      { class: "offer" },
      h(
        "div",
        { class: "about" },
        h("p", {}, h("strong", {}, h("bdi", {}, visitorName(visitor))), ` ${reason(trigger)}`),
        more(offer).map((words) => words && h("p", { class: "preview" }, words)),
      ),
      left,
      h("button", { class: "primary", "aria-keyshortcuts": "A", onclick: () => acceptOffer(conversation) }, "Accept", key("A")),
      h("button", { "aria-keyshortcuts": "D", onclick: () => declineOffer(conversation) }, "Decline", key("D")),
    );
  }

  tick() {
    for (const left of this.querySelectorAll("[data-until]")) {
      const seconds = Math.max(0, Math.ceil((Number(left.dataset.until) - Date.now()) / 1000));
      left.textContent = `${seconds} s`;
      left.classList.toggle("soon", seconds <= 10);
    }
    for (const [id, { expires_at_ms }] of store.offers) {
      if (Date.now() < expires_at_ms + 2000) continue;
      store.offers.delete(id);
      store.changed("offers");
    }
  }
}

customElements.define("ls-offers", Offers);
