// A word to the agent that needs no answer: who was first, what did not work. Read out by screen readers, gone by itself.

import { h } from "../common/dom.js";
import { sayInDialog, STAYS_MS } from "./dialogs/heard.js";

const shelf = h("div", { class: "toasts", popover: "manual", role: "status", "aria-live": "polite" });

export function toast(words, kind = "") {
  const problem = kind === "bad" && document.querySelector("dialog.ask[open] .problem");
  if (problem) return void (problem.textContent = words);
  if (!shelf.isConnected) document.body.append(shelf);
  if (document.querySelector("dialog[open]") && shelf.matches(":popover-open")) shelf.hidePopover(); // to come up above it
  if (!shelf.matches(":popover-open")) shelf.showPopover();
  const one = h("p", { class: `toast ${kind}` }, words);
  shelf.append(one);
  sayInDialog(words);
  setTimeout(() => one.remove(), STAYS_MS);
}
