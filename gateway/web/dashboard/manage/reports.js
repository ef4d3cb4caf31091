// Reports: how fast, how much, with what result, over days; of each bot and each agent. What shows can be taken along as CSV.

import { fill, h } from "../../common/dom.js";
import { Element } from "../element.js";
import { duration, percent } from "../format.js";
import { store } from "../store.js";
import { lastDays, report, slotsOf } from "./asking.js";
import { chart } from "./charts.js";
import { csv, figuresOf } from "./figures.js";
import { table } from "./table.js";

const PERIODS = [
  ["1", "Today"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
];
const KINDS = ["resolved", "unresolved", "spam", "other"];
const known = (value, show) => (value === null || value === undefined ? "–" : show(value));
const whole = (value) => (Number.isInteger(value) ? String(value) : "");
const took = (ms) => (ms > 0 && ms < 1000 ? "< 1 s" : duration(ms));
const within = (ms) => `Within ${duration(ms)}`;

/** [name, value of figures, how people read it]: the tables' columns, and the CSV's with the plain value. */
const columns = (target) => [
  ["Conversations", ({ conversations }) => conversations, String],
  ["First answer p50", ({ firstP50 }) => firstP50, took],
  ["First answer p90", ({ firstP90 }) => firstP90, took],
  [within(target), ({ within }) => within, percent],
  ["Handling p50", ({ handleP50 }) => handleP50, took],
  ["Resolved", ({ resolutions }) => resolutions.resolved ?? 0, String],
  ["Unresolved", ({ resolutions }) => resolutions.unresolved ?? 0, String],
  ["Rating", ({ rating }) => rating, (value) => value.toFixed(1)],
];
const agentColumns = (target) => [
  ...columns(target),
  ["Missed offers", ({ missed }) => missed, String],
  ["Online", ({ byStatus }) => byStatus.online ?? null, duration],
];

class Reports extends Element {
  build() {
    this.days = choice("report-days", PERIODS, () => this.load());
    this.days.value = "7";
    const bots = store.me.bots.map((bot) => [bot, store.botName(bot)]);
    this.bot = choice("report-bot", bots, () => this.load());
    this.agent = choice("report-agent", [["", "Everybody"]], () => this.load());
    this.note = h("p", { class: "dim", role: "status" });
    this.tiles = h("dl", { class: "tiles" });
    this.charts = h("div", { class: "charts" });
    new ResizeObserver(([{ contentRect }]) => this.drawFor(contentRect.width)).observe(this.charts);
    this.tables = h("div", {});
    const labelled = (label, select) => h("span", { class: "labelled" }, h("label", { for: select.id }, label), select);
    this.append(
      h("h1", {}, "Reports"),
      h(
        "div",
        { class: "report-bar" },
        labelled("Period", this.days),
        labelled("Bot", this.bot),
        labelled("Agent", this.agent),
        h("button", { onclick: () => this.save() }, "Export CSV"),
      ),
      this.note,
      this.tiles,
      this.charts,
      this.tables,
    );
    this.load();
  }

  async load() {
    const ticket = (this.ticket = {});
    const span = lastDays(Number(this.days.value));
    const [bot, agent] = [this.bot.value, this.agent.value];
    const [kind, id] = agent ? ["agents", agent] : ["bots", bot];
    fill(this.note, "Loading…");
    try {
      const [bots, agents, slots] = await Promise.all([
        report("bots", span),
        report("agents", { bot, ...span }),
        slotsOf({ kind, id, bot, span }),
      ]);
      if (ticket !== this.ticket) return;
      const total = (agent ? agents : bots).find((one) => one.id === id) ?? figuresOf({ name: id });
      Object.assign(this, { bots, agents, slots, total, target: store.targetOf(bot) });
      fill(this.note);
      this.show();
    } catch (error) {
      if (ticket === this.ticket) fill(this.note, `The reports could not be read: ${error.message}`);
    }
  }

  show() {
    const { value } = this.agent;
    fill(
      this.agent,
      [["", "Everybody"], ...this.agents.map(({ id, name }) => [id, name])].map(([id, name]) => h("option", { value: id }, name)),
    );
    this.agent.value = value;
    fill(
      this.tiles,
      tiles(this.total, this.target).map(([name, words]) => h("div", {}, h("dt", {}, name), h("dd", {}, words))),
    );
    fill(this.charts, charts(this.slots, this.target));
    fill(this.tables, figuresTable("Per agent", "Agent", agentColumns(this.target), this.agents), [
      this.bots.length > 1 && figuresTable("Per bot", "Bot", columns(this.target), this.bots),
    ]);
  }

  /** Charts are drawn for a width, so that their letters have one size: a phone that is turned has them drawn again. */
  drawFor(width) {
    if (this.slots && this.width !== width) fill(this.charts, charts(this.slots, this.target));
    this.width = width;
  }

  save() {
    const plain = (name) => name.replace(/ (p\d+)$/, " $1 (ms)").replace(/^Online$/, "Online (ms)");
    const all = agentColumns(this.target);
    const line = (of, slot, figures) => [of, slot, ...all.map(([, value]) => value(figures))];
    const rows = [
      ["Of", "When", ...all.map(([name]) => plain(name))],
      ...[...this.bots, ...this.agents].map((one) => line(one.name, "whole time", one)),
      ...this.slots.map(({ label, figures }) => line(this.total.name, label, figures)),
    ];
    const url = URL.createObjectURL(new Blob([csv(rows)], { type: "text/csv" }));
    h("a", { href: url, download: `livesupport-${this.bot.value}-${this.days.value}-days.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

function choice(id, pairs, onchange) {
  return h(
    "select",
    { id, onchange },
    pairs.map(([value, label]) => h("option", { value }, label)),
  );
}

function figuresTable(title, first, shown, rows) {
  const made = table(
    title,
    [
      { name: first, draw: ({ name }) => name },
      ...shown.map(([name, value, show]) => ({ name, kind: "number", draw: (row) => known(value(row), show) })),
    ],
    ({ id }) => id,
  );
  made.show(rows);
  return [h("h2", { class: "above" }, title), made.element];
}

function tiles(total, target) {
  const closed = KINDS.reduce((sum, kind) => sum + (total.resolutions[kind] ?? 0), 0);
  const rated = total.ratings ? ` (${total.ratings})` : "";
  return [
    ["Conversations", String(total.conversations)],
    ["First answer, half within", known(total.firstP50, took)],
    ["First answer, 9 of 10 within", known(total.firstP90, took)],
    [`Answered within ${duration(target)}`, percent(total.within)],
    ["Resolved", closed ? percent((total.resolutions.resolved ?? 0) / closed) : "–"],
    [`Rating${rated}`, known(total.rating, (value) => `${value.toFixed(1)} of 5`)],
  ];
}

function charts(slots, target) {
  const labels = slots.map(({ label }) => label);
  const of = (read) => slots.map(({ figures }) => read(figures));
  return [
    chart({
      title: "Response time",
      labels,
      show: took,
      line: { value: target, name: duration(target) },
      series: [
        { name: "half within", kind: "line", values: of(({ firstP50 }) => firstP50) },
        { name: "9 of 10 within", kind: "line", values: of(({ firstP90 }) => firstP90) },
      ],
    }),
    chart({
      title: `Answered within ${duration(target)}`,
      labels,
      max: 1,
      show: percent,
      series: [{ name: "share", kind: "bar", values: of(({ within: share }) => share) }],
    }),
    chart({
      title: "Conversations",
      labels,
      show: whole,
      series: [{ name: "conversations", kind: "bar", values: of(({ conversations }) => conversations) }],
    }),
    chart({
      title: "Resolutions",
      labels,
      show: whole,
      series: KINDS.map((kind) => ({ name: kind, kind: "bar", values: of(({ resolutions }) => resolutions[kind] ?? 0) })),
    }),
    chart({
      title: "Handling time",
      labels,
      show: took,
      series: [{ name: "half within", kind: "line", values: of(({ handleP50 }) => handleP50) }],
    }),
    chart({
      title: "Rating",
      labels,
      max: 5,
      show: (value) => value.toFixed(1),
      series: [{ name: "average", kind: "line", values: of(({ rating }) => rating) }],
    }),
  ];
}

customElements.define("ls-reports", Reports);
