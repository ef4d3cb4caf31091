// What the reports page asks the server for: a time as a whole, and the slots that it is drawn in.

import { api, itemsOf, query } from "../api.js";
import { figuresOf } from "./figures.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const AT_ONCE = 4;
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

/** The last `days` days with today as {from_ms, to_ms}: from a midnight here until now. */
export function lastDays(days) {
  const start = new Date();
  start.setHours(0, 0, 0, 0);
  start.setDate(start.getDate() - days + 1);
  return { from_ms: start.getTime(), to_ms: Date.now() };
}

/** The rows of a report of "bots" or "agents" as figures. */
export async function report(kind, fields) {
  return itemsOf(await api("GET", `/api/reports/${kind}?${query(fields)}`)).map(figuresOf);
}

/** [{label, figures}] of one bot, or of one agent at it: hour by hour if it is one day, else day by day. */
export async function slotsOf({ kind, id, bot, span }) {
  const rows = span.to_ms - span.from_ms > DAY_MS ? await byDay(kind, bot, span) : await byHour(kind, bot, span);
  return rows.map(({ label, found }) => ({ label, figures: found.find((one) => one.id === id) ?? figuresOf({}) }));
}

async function byDay(kind, bot, span) {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const found = await report(kind, { bot, ...span, by: "day", timezone });
  return [...Map.groupBy(found, (one) => one.day)].map(([date, rows]) => ({ label: day.format(Date.parse(date)), found: rows }));
}

async function byHour(kind, bot, { from_ms, to_ms }) {
  const hours = Array.from({ length: Math.ceil((to_ms - from_ms) / HOUR_MS) }, (_, at) => from_ms + at * HOUR_MS);
  const done = [];
  for (let at = 0; at < hours.length; at += AT_ONCE) done.push(...(await Promise.all(hours.slice(at, at + AT_ONCE).map(ask))));
  return done;

  async function ask(start) {
    const label = `${new Date(start).getHours()}:00`;
    return { label, found: await report(kind, { bot, from_ms: start, to_ms: start + HOUR_MS }) };
  }
}
