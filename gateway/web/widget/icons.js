// The widget's four drawings.

import { h } from "../common/dom.js";

const icon = (path) => () => h("svg", { viewBox: "0 0 24 24", width: "24", height: "24", "aria-hidden": "true" }, h("svg:path", { d: path }));

export const bubbleIcon = icon("M12 3C6.5 3 2 6.8 2 11.5c0 2.3 1.1 4.4 2.9 5.9L4 21.5l4.6-2.2c1.1.3 2.2.4 3.4.4 5.5 0 10-3.8 10-8.3S17.500 3 12 3Z");
export const clipIcon = icon("m17.700 7.300-8 8a1.400 1.400 0 0 0 2 2l8-8a3.400 3.400 0 0 0-4.800-4.800l-8.200 8.200a5.400 5.400 0 0 0 7.600 7.600l7-7-1-1-7 7a4 4 0 0 1-5.600-5.600l8.200-8.200a2 2 0 0 1 2.800 2.800l-8 8-1 .6 7-7.600Z");
export const downIcon = icon("m5.300 8.300 6.700 6.700 6.700-6.700 1.500 1.500-8.200 8.200-8.200-8.200Z");
export const sendIcon = icon("M3 20.500 21.500 12 3 3.500v6.700L15 12 3 13.800Z");
