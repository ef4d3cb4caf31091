// Times that run: an element says since when, one ticker for the page keeps all of them right.

import { h } from "../common/dom.js";
import { duration } from "./format.js";
import { urgency } from "./list/mailboxes.js";

const words = { fresh: "waiting ", soon: "waiting, answer soon: ", late: "waiting too long: " };

/** How long since then; with `urgent` also amber at half of the target, and red at the target. */
export function clock(since_ms, urgent = false) {
  const element = h(
    "span",
    { class: urgent ? "wait" : "", "data-since": String(since_ms), "data-urgent": urgent ? "true" : null },
    urgent && h("span", { class: "unseen" }),
    h("span", {}),
  );
  tick(element, Date.now());
  return element;
}

function tick(element, now) {
  const since = Number(element.dataset.since);
  const text = duration(now - since);
  if (element.lastChild.textContent !== text) element.lastChild.textContent = text;
  if (!element.dataset.urgent) return;
  const level = urgency(since, now);
  if (element.dataset.level === level) return;
  element.dataset.level = level;
  element.firstChild.textContent = words[level];
}

setInterval(() => {
  if (document.hidden) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-since]")) tick(element, now);
}, 1000);
