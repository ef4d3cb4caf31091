// Reports: how fast, how much, with what result, over days; for each bot and each agent. What shows can be taken along as CSV.

import { fill, h } from "../../common/dom.js";
import { api, itemsOf, query } from "../api.js";
import { Element } from "../element.js";
import { duration, percent } from "../format.js";
import { TARGET_MS } from "../list/mailboxes.js";
import { store } from "../store.js";
import { chart } from "./charts.js";
import { csv, figuresOf } from "./figures.js";
import { table } from "./table.js";

const DAY_MS = 86_400_000;
const AT_ONCE = 4;
const KINDS = ["resolved", "unresolved", "spam", "other"];
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const known = (value, show) => (value === null || value === undefined ? "–" : show(value));

const columns = [
  ["Conversations", ({ conversations }) => conversations, String],
  ["First answer p50", ({ firstP50 }) => firstP50, duration],
  ["First answer p90", ({ firstP90 }) => firstP90, duration],
  ["Within 30 s", ({ within }) => within, percent],
  ["Handling p50", ({ handleP50 }) => handleP50, duration],
  ["Resolved", ({ resolutions }) => resolutions.resolved ?? 0, String],
  ["Unresolved", ({ resolutions }) => resolutions.unresolved ?? 0, String],
  ["Rating", ({ rating }) => rating, (value) => value.toFixed(1)],
  ["Missed offers", ({ missed }) => missed, String],
  ["Online", ({ byStatus }) => byStatus.online ?? null, duration],
];

class Reports extends Element {
  build() {
    const option = ([value, label]) => h("option", { value }, label);
    this.days = h(
      "select",
      { id: "report-days", onchange: () => this.load() },
      [
        ["1", "Today"],
        ["7", "7 days"],
        ["30", "30 days"],
      ].map(option),
    );
    this.days.value = "7";
    this.bot = h(
      "select",
      { id: "report-bot", onchange: () => this.load() },
      store.me.bots.map((bot) => option([bot, bot])),
    );
    this.export = h("button", { onclick: () => this.save() }, "Export CSV");
    this.note = h("p", { class: "dim", role: "status" });
    this.tiles = h("dl", { class: "tiles" });
    this.charts = h("div", { class: "charts" });
    this.agents = table(
      "Per agent",
      [
        { name: "Agent", draw: ({ name }) => name },
        ...columns.map(([name, value, show]) => ({ name, kind: "number", draw: (row) => known(value(row), show) })),
      ],
      ({ id }) => id,
    );
    this.append(
      h("h1", {}, "Reports"),
      h(
        "div",
        { class: "report-bar" },
        h("label", { for: "report-days" }, "Period"),
        this.days,
        h("label", { for: "report-bot" }, "Bot"),
        this.bot,
        this.export,
      ),
      this.note,
      this.tiles,
      this.charts,
      h("h2", { class: "above" }, "Per agent"),
      this.agents.element,
    );
    this.load();
  }

  async load() {
    const ticket = (this.ticket = {});
    const days = Number(this.days.value);
    const bot = this.bot.value;
    const start = new Date().setHours(0, 0, 0, 0) - (days - 1) * DAY_MS;
    fill(this.note, "Loading…");
    try {
      const slots =
        days === 1
          ? hours(start)
          : Array.from({ length: days }, (_, at) => ({
              from_ms: start + at * DAY_MS,
              to_ms: start + (at + 1) * DAY_MS,
              label: day.format(start + at * DAY_MS),
            }));
      const whole = { bot, from_ms: start, to_ms: Date.now() };
      const [bots, agents] = await Promise.all([report("bots", whole), report("agents", whole)]);
      const series = await inTurn(
        slots,
        async (slot) => (await report("bots", { bot, ...slot })).find(({ id }) => id === bot) ?? figuresOf({}),
      );
      if (ticket !== this.ticket) return;
      Object.assign(this, { slots, series, total: bots.find(({ id }) => id === bot) ?? figuresOf({}), perAgent: agents });
      fill(this.note);
      this.show();
    } catch (error) {
      fill(this.note, error.status === 404 ? "This server keeps no reports yet." : `The reports could not be read: ${error.message}`);
    }
  }

  show() {
    const { total, series, slots } = this;
    const closed = KINDS.reduce((sum, kind) => sum + (total.resolutions[kind] ?? 0), 0);
    const tiles = [
      ["Conversations", String(total.conversations)],
      ["First answer, half within", known(total.firstP50, duration)],
      ["First answer, 9 of 10 within", known(total.firstP90, duration)],
      ["Answered within 30 s", percent(total.within)],
      ["Resolved", closed ? percent((total.resolutions.resolved ?? 0) / closed) : "–"],
      ["Rating", known(total.rating, (value) => `${value.toFixed(1)} of 5`)],
    ];
    fill(
      this.tiles,
      tiles.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    );
    const labels = slots.map(({ label }) => label);
    const of = (read) => series.map((figures) => (figures.conversations ? read(figures) : null));
    fill(this.charts, [
      chart({
        title: "Response time",
        labels,
        show: (ms) => duration(ms),
        line: { value: TARGET_MS, name: "30 s" },
        series: [
          { name: "half within", kind: "line", values: of(({ firstP50 }) => firstP50) },
          { name: "9 of 10 within", kind: "line", values: of(({ firstP90 }) => firstP90) },
        ],
      }),
      chart({
        title: "Answered within 30 seconds",
        labels,
        max: 1,
        show: percent,
        series: [{ name: "share", kind: "bar", values: of(({ within }) => within) }],
      }),
      chart({
        title: "Conversations",
        labels,
        show: whole,
        series: [{ name: "conversations", kind: "bar", values: series.map(({ conversations }) => conversations) }],
      }),
      chart({
        title: "Resolutions",
        labels,
        show: whole,
        series: KINDS.map((kind) => ({ name: kind, kind: "bar", values: series.map(({ resolutions }) => resolutions[kind] ?? 0) })),
      }),
      chart({
        title: "Rating",
        labels,
        max: 5,
        show: (value) => value.toFixed(1),
        series: [{ name: "average", kind: "line", values: of(({ rating }) => rating) }],
      }),
    ]);
    this.agents.show(this.perAgent);
  }

  save() {
    const head = ["", ...columns.map(([name]) => name.replace(/ p(\d+)$/, " p$1 (ms)").replace("Online", "Online (ms)"))];
    const line = (name, figures) => [name, ...columns.map(([, value]) => value(figures))];
    const rows = [
      head,
      line(`all of ${this.bot.value}`, this.total),
      ...this.slots.map(({ from_ms }, at) => line(new Date(from_ms).toISOString(), this.series[at])),
      ...this.perAgent.map((row) => line(row.name, row)),
    ];
    const url = URL.createObjectURL(new Blob([csv(rows)], { type: "text/csv" }));
    h("a", { href: url, download: `livesupport-${this.bot.value}-${this.days.value}-days.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

const whole = (value) => (Number.isInteger(value) ? String(value) : "");

async function report(kind, fields) {
  const { label: _, ...asked } = fields;
  return itemsOf(await api("GET", `/api/reports/${kind}?${query(asked)}`)).map(figuresOf);
}

function hours(start) {
  const now = new Date().getHours();
  return Array.from({ length: now + 1 }, (_, hour) => ({
    from_ms: start + hour * 3_600_000,
    to_ms: start + (hour + 1) * 3_600_000,
    label: `${hour}:00`,
  }));
}

async function inTurn(items, work) {
  const done = [];
  for (let at = 0; at < items.length; at += AT_ONCE) done.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return done;
}

customElements.define("ls-reports", Reports);
