// Searching and filtering are the server's; here is what was asked for and what came back. Closed conversations come page by page.

import { api, query } from "../api.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { boxes, orders } from "./mailboxes.js";

export const ANY = "any";
const AGAIN_MS = 3000;
const CLOSED_MOST = 1000;
export const filters = { q: "", tag: "", agent: "", state: "" };
/** What the filters found last, and where; it stays what is shown until there is an answer to what was asked since. */
export const found = {
  active: false,
  ids: [],
  mailbox: "",
  bot: "",
  state: "",
  problem: "",
  get items() {
    return this.ids.map((id) => store.conversations.get(id)).filter(Boolean);
  },
};
const closed = new Map(); // bot → {next, under_way, done}
let asked = null; // what is under way

/** Whether the list that was chosen last is still to come. */
export function behind() {
  const { mailbox } = route();
  if (asked || !store.listed || (found.active && (found.mailbox !== mailbox || found.bot !== store.bot))) return true;
  const pages = closed.get(store.bot);
  return mailbox === "closed" && !found.active && Boolean(pages?.under_way && !pages.next);
}

/** Asks for what the filters say: in this mailbox, in a state, or in any. */
export async function search() {
  const { mailbox } = route();
  const { bot } = store;
  const { state, ...others } = filters;
  const filtering = Object.values(filters).some(Boolean);
  const ask = { mailbox, bot, state };
  asked = filtering ? ask : null;
  found.active &&= filtering;
  store.changed("filters");
  if (!filtering) return;
  const { states } = boxes.find(({ name }) => name === mailbox);
  const wanted = state === ANY ? [] : state || states;
  const answer = api("GET", `/api/conversations?${query({ ...others, bot, state: wanted, limit: 200 })}`);
  const { items, problem = "" } = await answer.catch(({ message }) => ({ items: [], problem: message }));
  if (asked !== ask) return; // another list was chosen meanwhile
  asked = null;
  for (const conversation of items) store.put(conversation);
  Object.assign(found, ask, { active: true, ids: items.map(({ id }) => id), problem });
  store.changed("filters");
}

/** A shift closes thousands: the oldest that nobody looks at are forgotten, and asked for again with their list. */
export function forgetClosed() {
  if (found.active || route().mailbox === "closed") return;
  const idle = [...store.conversations.values()].filter(({ id, state }) => state === "closed" && !store.timelines.has(id));
  if (idle.length <= CLOSED_MOST) return;
  for (const { id } of idle.sort(orders.closed).slice(CLOSED_MOST / 2)) {
    store.conversations.delete(id);
    store.alerts.delete(id);
  }
  closed.clear();
}

/** The next page of closed conversations, of the bot that is shown. */
export async function moreClosed() {
  const { bot } = store;
  const pages = closed.get(bot) ?? { next: "" };
  closed.set(bot, pages);
  if (pages.under_way || pages.done || found.active) return;
  pages.under_way = true;
  try {
    const { items, next } = await api("GET", `/api/conversations?${query({ bot, state: "closed", limit: 100, before: pages.next })}`);
    for (const conversation of items) store.put(conversation);
    pages.next = next ?? "";
    pages.done = !next;
  } catch {
    await new Promise((rested) => setTimeout(rested, AGAIN_MS)); // then it is asked again, if it is still shown
  } finally {
    pages.under_way = false;
    store.changed("filters");
  }
}
