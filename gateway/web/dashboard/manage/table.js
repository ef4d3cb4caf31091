// A table with a caption for those who cannot see it, columns of a kind, and rows that are kept while their key stays.

import { h, reconcile } from "../../common/dom.js";

/** columns: [{name, draw(row), kind?: "number"}]. Returns {element, show(rows)}. */
export function table(caption, columns, key) {
  const body = h("tbody", {});
  const head = h(
    "tr",
    {},
    columns.map(({ name, kind }) => h("th", { scope: "col", class: kind }, name)),
  );
  const element = h(
    "div",
    { class: "table", role: "group", tabindex: "0", "aria-label": caption },
    h("table", {}, h("caption", { class: "unseen" }, caption), h("thead", {}, head), body),
  );
  const line = (row) =>
    h(
      "tr",
      {},
      columns.map(({ draw, kind }, at) => h(at === 0 ? "th" : "td", { class: kind, ...(at === 0 && { scope: "row" }) }, draw(row))),
    );
  return { element, show: (rows) => reconcile(body, rows, { key, signature: (row) => JSON.stringify(row), draw: line }) };
}
