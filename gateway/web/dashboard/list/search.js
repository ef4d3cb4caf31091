// Searching and filtering are the server's; here is what was asked for and what came back. Closed conversations come page by page.

import { api, query } from "../api.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { boxes } from "./mailboxes.js";

export const filters = { q: "", tag: "", agent: "", bot: "" };
export const found = {
  active: false,
  ids: [],
  get items() {
    return this.ids.map((id) => store.conversations.get(id)).filter(Boolean);
  },
};
const closed = { next: "", under_way: false, done: false };
let asked = 0;

export async function search() {
  const ticket = ++asked;
  const { mailbox } = route();
  found.active = Object.values(filters).some(Boolean);
  if (found.active) {
    const { states } = boxes.find(({ name }) => name === mailbox);
    const { items } = await api("GET", `/api/conversations?${query({ ...filters, state: states, limit: 200 })}`);
    if (ticket !== asked) return;
    for (const conversation of items) store.put(conversation);
    found.ids = items.map(({ id }) => id);
  }
  store.changed("filters");
}

export async function moreClosed() {
  if (closed.under_way || closed.done || found.active) return;
  closed.under_way = true;
  try {
    const { items, next } = await api("GET", `/api/conversations?${query({ state: "closed", limit: 100, before: closed.next })}`);
    for (const conversation of items) store.put(conversation);
    closed.next = next ?? "";
    closed.done = !next;
  } catch {
    // It is asked again with the next scroll or visit.
  } finally {
    closed.under_way = false;
  }
}
