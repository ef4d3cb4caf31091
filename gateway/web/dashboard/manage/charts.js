// Charts as SVG that reads its colours from the style sheet. Each has its numbers in its label, so that nobody needs to see it.

import { h, svg } from "../../common/dom.js";

const WIDE = 520;
const LABEL_PX = 62;
const HEIGHT = 200;
const LEFT = 46;
const BOTTOM = 26;
const TOP = 12;

/** A round number at or above `value`, whose half is one too. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value) ?? 1;
}

/**
 * series: [{name, kind: "bar"|"line", values: [number|null]}] over `labels`; bars stand on each other.
 * `show` writes a value for people, `line` draws a target across.
 */
export function chart({ title, labels, series, show = String, max = null, line = null }) {
  const width = Math.min(WIDE, innerWidth - 66); // a phone's chart is narrower, its letters are not smaller
  const bars = series.filter(({ kind }) => kind === "bar");
  const totals = labels.map((_, at) => bars.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const highest = Math.max(
    ...totals,
    ...series.flatMap(({ kind, values }) => (kind === "line" ? values.map((value) => value ?? 0) : [0])),
    line?.value ?? 0,
  );
  const told = (value, kind) => value || (value === 0 && (kind === "line" || max !== null)); // that none were counted tells nothing
  const nothing = !series.some(({ values, kind }) => values.some((value) => told(value, kind)));
  const top = max ?? ceiling(highest || 1);
  const x = (at) => LEFT + ((at + 0.5) * (width - LEFT - 8)) / labels.length;
  const y = (value) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": spoken(title, labels, series, show) });
  for (const part of [0, 0.5, 1]) {
    drawn.append(
      svg("line", { class: "grid", x1: LEFT, x2: width - 8, y1: y(top * part), y2: y(top * part) }),
      svg("text", { class: "axis", x: LEFT - 8, y: y(top * part) + 4, "text-anchor": "end" }, nothing ? "" : show(top * part)),
    );
  }
  if (nothing) drawn.append(svg("text", { class: "axis", x: (LEFT + width) / 2, y: y(top / 2) - 8, "text-anchor": "middle" }, "Nothing yet"));
  const every = Math.ceil((labels.length * LABEL_PX) / (width - LEFT));
  labels.forEach(
    (label, at) =>
      at % every === 0 && drawn.append(svg("text", { class: "axis", x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, label)),
  );
  const wide = Math.min(34, ((width - LEFT) / labels.length) * 0.66);
  const bases = labels.map(() => 0);
  series.forEach(({ kind, values, name }, order) => {
    if (kind === "line") drawn.append(...lineOf(values, x, y, order, name, labels, show));
    else
      values.forEach(
        (value, at) =>
          value &&
          drawn.append(
            barOf(
              x(at) - wide / 2,
              y((bases[at] += value)),
              wide,
              (value / top) * (HEIGHT - TOP - BOTTOM),
              order,
              `${labels[at]}, ${name}: ${show(value)}`,
            ),
          ),
      );
  });
  if (line && !nothing)
    drawn.append(
      svg("line", { class: "target", x1: LEFT, x2: width - 8, y1: y(line.value), y2: y(line.value) }),
      svg("text", { class: "target-name", x: width - 10, y: y(line.value) - 5, "text-anchor": "end" }, line.name),
    );
  const legend =
    series.length > 1 &&
    h(
      "ul",
      { class: "legend", "aria-hidden": "true" },
      series.map(({ name }, order) => h("li", { class: `mark-${order}` }, name)),
    );
  return h("figure", { class: "chart" }, h("figcaption", {}, h("h2", {}, title), legend), drawn);
}

function barOf(left, top, width, height, order, title) {
  return svg("rect", { class: `shape-${order}`, x: left, y: top, width, height: Math.max(height, 1), rx: 2 }, svg("title", {}, title));
}

function lineOf(values, x, y, order, name, labels, show) {
  let path = "";
  values.forEach((value, at) => {
    if (value !== null) path += `${path === "" || values[at - 1] === null ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  const dots = values.map(
    (value, at) =>
      value !== null &&
      svg("circle", { class: `dot-${order}`, cx: x(at), cy: y(value), r: 3.5 }, svg("title", {}, `${labels[at]}, ${name}: ${show(value)}`)),
  );
  return [svg("path", { class: `line-${order}`, d: path }), ...dots.filter(Boolean)];
}

function spoken(title, labels, series, show) {
  const part = ({ name, values }) =>
    `${name}: ${
      values
        .map((value, at) => (value === null ? null : `${labels[at]} ${show(value)}`))
        .filter(Boolean)
        .join(", ") || "nothing"
    }`;
  return `${title}. ${series.map(part).join(". ")}`;
}
