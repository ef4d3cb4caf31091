// Times that run: an element says since when, one ticker for the page keeps all of them right.

import { h } from "../common/dom.js";
import { duration } from "./format.js";

const words = { fresh: "waiting ", soon: "waiting, answer soon: ", late: "waiting too long: " };

/** How long since then; with a target also amber at half of it, and red when it is missed. */
export function clock(since_ms, target_ms = 0) {
  const element = h(
    "span",
    { class: target_ms ? "wait" : "", "data-since": String(since_ms), "data-target": target_ms ? String(target_ms) : null },
    target_ms > 0 && h("span", { class: "unseen" }),
    h("span", {}),
  );
  tick(element, Date.now());
  return element;
}

function tick(element, now) {
  const since = Number(element.dataset.since);
  const text = duration(now - since);
  if (element.lastChild.textContent !== text) element.lastChild.textContent = text;
  if (!element.dataset.target) return;
  const level = urgency(now - since, Number(element.dataset.target));
  if (element.dataset.level === level) return;
  element.dataset.level = level;
  element.firstChild.textContent = words[level];
}

function urgency(waited_ms, target_ms) {
  return waited_ms >= target_ms ? "late" : waited_ms >= target_ms / 2 ? "soon" : "fresh";
}

setInterval(() => {
  if (document.hidden) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-since]")) tick(element, now);
}, 1000);
