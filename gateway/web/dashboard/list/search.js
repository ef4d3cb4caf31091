// Searching and filtering are the server's; here is what was asked for and what came back. Closed conversations come page by page.

import { api, query } from "../api.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { boxes } from "./mailboxes.js";

export const ANY = "any";
export const filters = { q: "", tag: "", agent: "", state: "" };
export const found = {
  active: false,
  ids: [],
  get items() {
    return this.ids.map((id) => store.conversations.get(id)).filter(Boolean);
  },
};
const closed = new Map(); // bot → {next, under_way, done}
let asked = 0;

/** Asks for what the filters say: in this mailbox, in a state, or in any. */
export async function search() {
  const ticket = ++asked;
  const { mailbox } = route();
  const { state, ...others } = filters;
  found.active = Object.values(filters).some(Boolean);
  if (found.active) {
    const { states } = boxes.find(({ name }) => name === mailbox);
    const wanted = state === ANY ? [] : state || states;
    const { items } = await api("GET", `/api/conversations?${query({ ...others, bot: store.bot, state: wanted, limit: 200 })}`);
    if (ticket !== asked) return;
    for (const conversation of items) store.put(conversation);
    found.ids = items.map(({ id }) => id);
  }
  store.changed("filters");
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
    // It is asked again with the next scroll or visit.
  } finally {
    pages.under_way = false;
  }
}
