// For managers: who waits, for how long, and why nobody has them yet; with the means to do something about it.

import { fill, h } from "../../common/dom.js";
import { takeOver } from "../actions.js";
import { api } from "../api.js";
import { clock } from "../clocks.js";
import { assignDialog } from "../dialogs/hand.js";
import { Element } from "../element.js";
import { duration, visitorName } from "../format.js";
import { href } from "../router.js";
import { store } from "../store.js";
import { table } from "./table.js";

const EVERY_MS = 2000;

class Waiting extends Element {
  build() {
    const link = ({ conversation, name }) => h("a", { href: href("queue", conversation) }, name);
    this.table = table(
      "Visitors who wait for a human",
      [
        { name: "No.", kind: "number", draw: ({ position }) => String(position) },
        { name: "Visitor", draw: link },
        { name: "Waiting", kind: "number", draw: ({ since_ms, bot }) => clock(since_ms, store.targetOf(bot)) },
        {
          name: "Expected",
          kind: "number",
          draw: ({ eta_seconds: eta }) => (eta ? `${duration(eta[0] * 1000)} to ${duration(eta[1] * 1000)}` : "–"),
        },
        { name: "Priority", kind: "number", draw: ({ priority }) => String(priority ?? 0) },
        { name: "Why nobody has them yet", draw: ({ why }) => why },
        {
          name: "",
          draw: ({ conversation }) =>
            h(
              "span",
              { class: "actions" },
              h("button", { onclick: () => assignDialog(conversation) }, "Assign"),
              h("button", { onclick: () => takeOver(conversation) }, "Take over"),
            ),
        },
      ],
      ({ conversation }) => conversation,
    );
    this.table.element.hidden = true;
    this.note = h("p", { class: "dim above" }, "Loading…");
    this.append(h("h1", {}, "Waiting"), this.note, this.table.element);
  }

  update() {
    clearInterval(this.clock);
    this.clock = setInterval(() => document.hidden || this.load(), EVERY_MS);
    this.load();
  }

  left() {
    clearInterval(this.clock);
  }

  async load() {
    const bots = store.me.bots.filter((bot) => !store.bot || bot === store.bot);
    const rows = await Promise.all(bots.map(waitingAt)).then(
      (found) => found.flat(),
      () => null,
    );
    if (!rows) return fill(this.note, "The queue cannot be read just now. Trying again…");
    this.table.show(rows);
    this.table.element.hidden = rows.length === 0;
    const longest = rows.length ? Math.min(...rows.map(({ since_ms }) => since_ms)) : 0;
    return fill(this.note, rows.length ? `${rows.length} waiting, the longest for ${duration(Date.now() - longest)}.` : "Nobody is waiting.");
  }
}

async function waitingAt(bot) {
  const { waiting } = await api("GET", `/api/bots/${bot}/queue`);
  return waiting.map((one) => {
    const conversation = one.conversation.id ?? one.conversation;
    const held = store.conversations.get(conversation);
    return { ...one, bot, conversation, name: held ? visitorName(held.visitor) : conversation };
  });
}

customElements.define("ls-waiting", Waiting);
