// The dashboard's drawings: 20 × 20, strokes in the colour of the text.

import { svg } from "../common/dom.js";

const paths = {
  mine: "M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6.500 7.500c.5-3.500 3-5 6.500-5s6 1.500 6.500 5",
  queue: "M4 5h12M4 10h12M4 15h7",
  assistant: "M5 8h10v8H5zM10 8V4.500M8 12h.01M12 12h.01M2.500 11v2.500M17.500 11v2.500",
  team: "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 17c.4-3.200 2.500-4.500 5.500-4.500S12.600 13.800 13 17M13 4a3 3 0 0 1 0 5.500M15 12.800c1.800.5 2.800 1.800 3 4.200",
  closed: "M3 4h14v3H3zM4.500 7v9.500h11V7M8 10.500h4",
  reports: "M4 16.500V10M10 16.500v-13M16 16.500V7",
  settings: "M3 6h8M15 6h2M13 4v4M3 14h2M9 14h8M7 12v4",
  waiting: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15ZM10 6v4l2.500 2",
  agents: "M6 7a4 4 0 1 1 8 0M4 9.500h2v4H4zM14 9.500h2v4h-2zM15 13.500c0 2.500-2 3.500-4 3.500",
  replies: "M3 4h14v10H9l-4 3v-3H3zM6.500 9h.01M10 9h.01M13.500 9h.01",
  back: "m12 4-6 6 6 6",
  beside: "M3 4h14v12H3zM12 4v12",
  clip: "m15 9-5.500 5.500a3 3 0 0 1-4.300-4.300L11 4.500a2 2 0 0 1 2.900 2.900L8.200 13a1 1 0 0 1-1.400-1.400L12 6.500",
  send: "m3 10 14-6.500L13.500 17 10 11.500ZM10 11.500l7-8",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.500 13.500 17 17",
  help: "M7 7.500c0-2 1.300-3 3-3s3 1 3 2.700c0 2.300-3 2.300-3 4.800M10 15.500v.1",
  note: "M4 3h12v9l-4.500 5H4zM11.500 17v-5H16",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  end: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7.500 7.500h5v5h-5z",
  down: "m5 8 5 5 5-5",
  close: "m5 5 10 10M15 5 5 15",
};

export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", width: "20", height: "20", "aria-hidden": "true" },
    svg("path", { d: paths[name] }),
  );
}
