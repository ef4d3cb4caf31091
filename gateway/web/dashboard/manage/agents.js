// For managers: who is there, how much each has, and how today went.

import { h } from "../../common/dom.js";
import { api, itemsOf, query } from "../api.js";
import { clock } from "../clocks.js";
import { Element } from "../element.js";
import { duration, percent, visitorName } from "../format.js";
import { mailboxOf } from "../list/mailboxes.js";
import { command } from "../live.js";
import { href } from "../router.js";
import { STATUSES, store } from "../store.js";
import { toast } from "../toast.js";
import { figuresOf } from "./figures.js";
import { table } from "./table.js";

const EVERY_MS = 5000;

class Agents extends Element {
  static topics = ["agents"];

  build() {
    this.today = new Map();
    this.table = table(
      "Agents",
      [
        { name: "Agent", draw: ({ name, skills }) => [name, skills?.length > 0 && h("span", { class: "dim block" }, skills.join(", "))] },
        { name: "Status", draw: (agent) => status(agent) },
        { name: "Since", kind: "number", draw: ({ since_ms }) => (since_ms ? clock(since_ms) : "–") },
        {
          name: "Load",
          draw: ({ load, capacity }) =>
            h(
              "span",
              { class: "load" },
              h("meter", { min: "0", max: String(Math.max(capacity, 1)), value: String(load), "aria-label": `${load} of ${capacity}` }),
              ` ${load} of ${capacity}`,
            ),
        },
        {
          name: "Has now",
          draw: ({ conversations }) =>
            conversations.length
              ? h(
                  "ul",
                  {},
                  conversations.map(([id, name, box]) => h("li", {}, h("a", { href: href(box, id) }, name))),
                )
              : "–",
        },
        { name: "Today", kind: "number", draw: ({ figures }) => String(figures?.conversations ?? 0) },
        { name: "First answer", kind: "number", draw: ({ figures }) => (figures?.firstP50 ? duration(figures.firstP50) : "–") },
        { name: "Within target", kind: "number", draw: ({ figures }) => percent(figures?.within) },
        { name: "Rating", kind: "number", draw: ({ figures }) => (figures?.rating ? figures.rating.toFixed(1) : "–") },
        { name: "Missed offers", kind: "number", draw: ({ figures }) => String(figures?.missed ?? 0) },
      ],
      ({ id }) => id,
    );
    this.now = h("p", { class: "dim above" });
    this.append(h("h1", {}, "Agents"), this.now, this.table.element);
  }

  connectedCallback() {
    super.connectedCallback();
    clearInterval(this.clock);
    this.clock = setInterval(() => document.hidden || this.load(), EVERY_MS);
    this.load();
  }

  left() {
    clearInterval(this.clock);
  }

  async load() {
    const midnight = new Date().setHours(0, 0, 0, 0);
    const [agents, report] = await Promise.all([
      api("GET", "/api/agents").catch(() => null),
      api("GET", `/api/reports/agents?${query({ from_ms: midnight, to_ms: Date.now() })}`).catch(() => []),
    ]);
    if (!agents) return; // what shows is from a moment ago; it is asked for again
    for (const agent of itemsOf(agents)) store.agents.set(agent.id, agent);
    this.today = new Map(itemsOf(report).map((row) => [figuresOf(row).id, figuresOf(row)]));
    this.update();
  }

  update() {
    const held = ({ conversations = [] }) =>
      conversations
        .map((one) => store.conversations.get(one.id ?? one))
        .filter(Boolean)
        .map((one) => [one.id, visitorName(one.visitor), mailboxOf(one)]);
    const rows = [...store.agents.values()].map((agent) => ({
      ...agent,
      load: agent.load ?? 0,
      capacity: agent.capacity ?? 0,
      conversations: held(agent),
      figures: this.today.get(agent.id),
    }));
    this.table.show(rows.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })));
    const counts = Object.groupBy(rows, (agent) => agent.status);
    const present = Object.keys(STATUSES).filter((name) => counts[name]);
    this.now.textContent = present.map((name) => `${counts[name].length} ${STATUSES[name].toLowerCase()}`).join(", ");
  }
}

function status(agent) {
  const change = ({ target }) =>
    command("set_status", null, { agent: agent.id, status: target.value }).catch((error) =>
      toast(`${agent.name}’s status was not changed: ${error.message}`, "bad"),
    );
  return h(
    "span",
    { class: `presence is-${agent.status}` },
    h(
      "select",
      { "aria-label": `Status of ${agent.name}`, onchange: change },
      Object.entries(STATUSES).map(([value, label]) => h("option", { value, selected: value === agent.status }, label)),
    ),
  );
}

customElements.define("ls-agents", Agents);
