// One way to ask: a modal dialog with fields, a button that does it and one that does not. Focus goes back where it was.

import { fill, h } from "../../common/dom.js";
import { ear } from "./heard.js";

/** Opens a dialog. `act` gets the form's fields and says by true that the dialog may close. */
export function ask({ title, fields, action, act, kind = "primary" }) {
  const from = document.activeElement;
  const problem = h("p", { class: "problem", role: "alert" });
  const button = h("button", { class: kind }, action);
  const form = h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        if (button.disabled) return;
        fill(problem);
        button.disabled = true;
        const done = await act(Object.fromEntries(new FormData(form)));
        button.disabled = false;
        if (done === true) leave();
        else if (typeof done === "string") fill(problem, done);
      },
    },
    h("h2", { id: "dialog-title" }, title),
    fields,
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", onclick: () => leave() }, "Cancel"),
      button,
    ),
  );
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "dialog-title" }, form, ear());
  dialog.addEventListener("click", (event) => event.target === dialog && leave());
  // At once, not when its close event comes: what is typed meanwhile would go into a field that nobody sees any more.
  const leave = () => {
    dialog.close();
    dialog.remove();
    (from?.isConnected ? from : document.querySelector("ls-messages .log"))?.focus();
  };
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  form.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit());
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector("select, textarea, input")?.focus();
  return dialog;
}

let numbers = 0;

/** A field with its label. */
export function field(label, control) {
  control.id ||= `field-${++numbers}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
}
