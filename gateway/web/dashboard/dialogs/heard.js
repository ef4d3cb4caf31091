// A modal dialog makes all that is outside of it inert, and that is not read out: its words are said again in the dialog, unseen.

import { h } from "../../common/dom.js";

/** So long a word stays that needs no answer. */
export const STAYS_MS = 7000;

/** A part of a dialog from the beginning: a region that comes with its words is not always read out. */
export const ear = () => h("div", { class: "ear unseen", "aria-live": "assertive" });

/** Says it in the dialog that is open, if one is. */
export function sayInDialog(words) {
  const open = document.querySelector("dialog[open] .ear");
  if (!open) return;
  const one = h("p", {}, words);
  open.append(one);
  setTimeout(() => one.remove(), STAYS_MS);
}
