// What stands between the log and the input when it is needed: the rating after the end, the e-mail form when nobody is there.

import { fill, h } from "../common/dom.js";

const SETTLE_MS = 500;

/** Five stars as radios: the choice is sent once it has rested, so that arrow keys do not rate on the way. */
export function rating(chat, texts) {
  const box = h("div", { class: "aside rating" });
  let rest = null;
  const rate = (fields) => chat.command("rate", fields).then(
    () => thank(fields),
    () => fill(box, h("p", { role: "status" }, texts.wrong)),
  );
  const star = (n) =>
    h("label", {}, h("input", { type: "radio", name: "score", value: String(n), "aria-label": texts.star(n), onchange: () => chosen(n) }), h("span", { "aria-hidden": "true" }, "★"));
  const chosen = (score) => {
    clearTimeout(rest);
    rest = setTimeout(() => rate({ score }), SETTLE_MS);
  };
  const thank = ({ score, comment }) => {
    const words = h("input", { type: "text", id: "comment", maxlength: "1000" });
    const add = (event) => {
      event.preventDefault();
      if (words.value.trim()) rate({ score, comment: words.value.trim() });
    };
    const form = h("form", { onsubmit: add }, h("label", { for: "comment" }, texts.comment), h("div", { class: "row" }, words, h("button", { class: "plain" }, texts.commentAdd)));
    fill(box, h("p", { role: "status" }, texts.thanks), !comment && form);
  };
  const stars = h("div", { class: "stars", role: "radiogroup", "aria-labelledby": "rate" }, [1, 2, 3, 4, 5].map(star));
  return fill(box, h("p", { id: "rate" }, texts.rate), stars);
}

export function emailForm(chat, texts) {
  const box = h("div", { class: "aside" });
  const email = h("input", { type: "email", id: "email", required: true, autocomplete: "email" });
  const leave = async (event) => {
    event.preventDefault();
    try {
      await chat.command("update_details", { email: email.value });
      chat.visitor.email = email.value;
      fill(box, h("p", { role: "status" }, texts.emailThanks(email.value)));
    } catch {
      fill(box, h("p", { role: "status" }, texts.wrong), form);
    }
  };
  const form = h("form", { onsubmit: leave }, h("label", { for: "email" }, texts.email), h("div", { class: "row" }, email, h("button", { class: "plain" }, texts.emailLeave)));
  return fill(box, h("p", {}, texts.emailAsk), form);
}
