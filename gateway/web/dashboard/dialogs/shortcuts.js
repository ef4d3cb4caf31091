// What the keys do: the list under “?”.

import { h } from "../../common/dom.js";
import { ear } from "./heard.js";

const groups = {
  Anywhere: [
    ["?", "This list"],
    ["/", "Search"],
    ["1 … 5", "Mine, Queue, Assistant, Others, Closed"],
    ["J  K", "Next and previous conversation"],
    ["A", "Accept the offer"],
    ["D", "Decline the offer"],
    ["Alt A  Alt D", "The same while writing"],
  ],
  "In a conversation": [
    ["R", "Reply"],
    ["T", "Take over"],
    ["E", "Return to AI"],
    ["Shift E", "Return to AI with a summary"],
    ["X", "Transfer"],
    ["C", "Close conversation"],
    ["Shift C", "End without a resolution"],
    ["N", "Add a note"],
    ["L", "Add a tag"],
    ["G", "Assign (managers)"],
  ],
  "While writing": [
    ["Enter", "Send"],
    ["Shift Enter", "New line"],
    ["/", "Quick replies, at the start"],
    ["Esc", "Leave the input, then the keys above work"],
  ],
};

export function showShortcuts() {
  if (document.querySelector("dialog[open]")) return;
  const from = document.activeElement;
  const keys = (text) => text.split("  ").map((part) => h("kbd", {}, part));
  const dialog = h(
    "dialog",
    { class: "ask shortcuts", "aria-labelledby": "shortcuts-title", onclose: () => (dialog.remove(), from?.focus()) },
    h("h2", { id: "shortcuts-title", tabindex: "-1", autofocus: true }, "Keyboard shortcuts"),
    h(
      "div",
      { class: "groups" },
      Object.entries(groups).map(([name, lines]) =>
        h(
          "section",
          {},
          h("h3", {}, name),
          h(
            "dl",
            {},
            lines.map(([key, what]) => [h("dt", {}, keys(key)), h("dd", {}, what)]),
          ),
        ),
      ),
    ),
    h("form", { method: "dialog", class: "buttons" }, h("button", { class: "primary" }, "Got it")),
    ear(),
  );
  document.body.append(dialog);
  dialog.showModal();
}
