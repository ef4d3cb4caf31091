// The two forms that may stand below the log. Loaded when one is needed.

import { fill, h } from "../common/dom.js";

const style = new CSSStyleSheet();
style.replaceSync(`
.row { display: flex; gap: 8px; margin-top: 4px; }
.row input { flex: 1; min-width: 0; }
.stars { display: flex; }
.stars label { position: relative; padding: 0 6px; font-size: 32px; color: var(--star); }
.stars input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer; }
.stars label:focus-within { outline: 3px solid #2a7de1; }
.stars label::before { content: "★" / ""; }
.stars:not(:hover, :has(:checked)) label, .stars:hover label:hover ~ label, .stars:not(:hover) label:has(:checked) ~ label { color: var(--dim); &::before { content: "☆" / ""; } }
`);

/** What only the forms look like comes with them. */
function dress(box) {
  const { adoptedStyleSheets } = box.getRootNode();
  if (!adoptedStyleSheets.includes(style)) adoptedStyleSheets.push(style);
}

const forms = { rating, emailForm };

/** The form of this name, as soon as its words are there, if it is wanted then still. */
export function show(view, name) {
  const { aside, texts, chat } = view;
  const draw = ({ default: words }) => view.beside === name && forms[name](aside, { ...texts, ...words }, chat.command);
  import(`./texts/forms/${aside.getRootNode().host.lang}.js`).then(draw, () => (view.beside = ""));
}

/** Five stars. The choice is sent once it has rested: arrow keys do not rate on the way. */
function rating(box, texts, command) {
  dress(box);
  let score = 0;
  let rest = 0;
  const again = () => {
    rating(box, texts, command);
    regret(box, texts);
  };
  const rate = (comment) => command("rate", { score, comment }).then(() => thank(box, texts, !comment && form(texts.comment, "text", texts.add, rate)), again);
  const choose = (n) => {
    score = n;
    clearTimeout(rest);
    rest = setTimeout(rate, 500);
  };
  const star = (n) =>
    h("label", {}, h("input", { type: "radio", name: "score", "aria-label": texts.star(n), onchange: () => choose(n) }));
  fill(box, h("p", {}, texts.rate), h("div", { class: "stars", role: "radiogroup", "aria-label": texts.rate }, [1, 2, 3, 4, 5].map(star)));
}

function emailForm(box, texts, command) {
  dress(box);
  const leave = (email) =>
    command("update_details", { email }).then(
      () => thank(box, texts),
      () => regret(box, texts),
    );
  fill(box, h("p", {}, texts.offline), form(texts.email, "email", texts.leave, leave));
}

/** Thanks where the form was. Who was in there stays there. */
function thank(box, texts, more) {
  const inside = box.contains(box.getRootNode().activeElement);
  const words = h("p", { role: "status", tabindex: "-1" }, texts.thanks);
  fill(box, words, more);
  if (inside) words.focus();
}

function regret(box, texts) {
  box.querySelector(".problem")?.remove();
  box.append(h("p", { class: "problem", role: "alert" }, texts.wrong));
}

function form(label, type, button, done) {
  const input = h("input", { type, required: true, maxlength: "1000", "aria-label": label, placeholder: label });
  const submit = (event) => {
    event.preventDefault();
    done(input.value);
  };
  return h("form", { class: "row", onsubmit: submit }, input, h("button", { class: "plain" }, button));
}
