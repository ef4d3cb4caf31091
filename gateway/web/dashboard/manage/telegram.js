// How the bots' Telegram groups stand: what waits to be shown there, and what is wrong. Silent while all is well.

import { h } from "../../common/dom.js";
import { api } from "../api.js";
import { clock } from "../clocks.js";
import { store } from "../store.js";

/** A line for each group that is behind or in trouble, of the bots that have one. */
export async function telegramLines() {
  const bots = [...store.bots.values()].filter((bot) => bot.telegram && store.shows({ bot: bot.id }));
  const groups = await Promise.all(bots.map(({ id }) => api("GET", `/api/bots/${id}/telegram`).catch(() => null)));
  return groups.filter((group) => group && (group.pending || group.problem)).map(line);
}

function line({ bot, pending, waiting_since_ms, problem, problem_since_ms }) {
  const count = `${pending} message${pending === 1 ? "" : "s"}`;
  return h(
    "li",
    { class: "card" },
    h("h2", {}, `Telegram group of ${store.botName(bot)}`),
    pending > 0 && h("p", {}, `${count} not shown there yet`, waiting_since_ms && [", the oldest for ", clock(waiting_since_ms)], "."),
    problem && h("p", { class: "problem" }, problem, problem_since_ms && [" Since ", clock(problem_since_ms), "."]),
  );
}
