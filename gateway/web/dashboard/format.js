// Times, durations and names as people read them.

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const timeOf = (at_ms) => clock.format(at_ms);
export const dateTimeOf = (at_ms) => whole.format(at_ms);
export const dayKey = (at_ms) => new Date(at_ms).toDateString();

const daysAgo = (at_ms) => Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at_ms).setHours(0, 0, 0, 0)) / 86_400_000);

export function dayOf(at_ms) {
  const ago = daysAgo(at_ms);
  return ago === 0 ? "Today" : ago === 1 ? "Yesterday" : day.format(at_ms);
}

/** The time today, else the day: for a list. */
export function whenOf(at_ms) {
  return daysAgo(at_ms) === 0 ? clock.format(at_ms) : daysAgo(at_ms) === 1 ? "Yesterday" : short.format(at_ms);
}

const of = (number, unit) => `${number}\u00a0${unit}`; // never on two lines

/** 9 s, 4 min, 2 h 5 min, 3 d. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return of(seconds, "s");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return of(minutes, "min");
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return of(Math.floor(hours / 24), "d");
  return minutes % 60 ? `${of(hours, "h")} ${of(minutes % 60, "min")}` : of(hours, "h");
}

export const visitorName = (visitor) => visitor?.name || visitor?.email || `Visitor ${(visitor?.id ?? "").slice(-4)}`;

export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

export const bytes = (size) =>
  size < 1024 * 1024 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
export const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`);
