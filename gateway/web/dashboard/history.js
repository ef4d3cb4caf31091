// What is fetched rather than pushed: lists of conversations, and their events backwards from the newest.

import { Timeline } from "../common/timeline.js";
import { api, query } from "./api.js";
import { fold } from "./fold.js";
import { store } from "./store.js";

const PAGE = 100;
const CAUGHT_UP_AT_ONCE = 500;
const OPEN_STATES = ["assistant", "queued", "live"];
const loading = new Map();

/** After each welcome: the bots' open conversations as they are now, their changes from here on, and one's own to watch. */
export async function refreshLists(connection) {
  for (const bot of store.me.bots) connection.send({ type: "watch_bot", bot }).catch(() => {});
  for (const conversation of [...store.conversations.values()].filter((one) => store.mine(one)))
    follow(conversation.id, connection).catch(() => {});
  const found = new Set();
  for (let before = "", more = true; more;) {
    const { items, next } = await api("GET", `/api/conversations?${query({ state: OPEN_STATES, limit: 500, before })}`);
    for (const conversation of items) {
      found.add(conversation.id);
      store.put(conversation);
    }
    before = next;
    more = Boolean(next) && items.length > 0;
  }
  for (const { id, state } of [...store.conversations.values()]) {
    if (state !== "closed" && !found.has(id)) renew(id).catch(() => {});
  }
  store.listed = true;
  store.changed("conversations");
}

/** Fetches one conversation; forgets it if it is gone. */
async function renew(id) {
  try {
    store.put(await api("GET", `/api/conversations/${id}`));
  } catch (error) {
    if (error.status === 404 || error.status === 403) store.conversations.delete(id);
    store.changed("conversations");
    throw error;
  }
}

/** Watches a conversation and holds its newest events. Doing it twice is doing it once. */
export function follow(id, connection) {
  if (store.timelines.has(id)) return loading.get(id) ?? Promise.resolve();
  const timeline = new Timeline();
  store.timelines.set(id, timeline);
  const work = begin(id, timeline, connection).finally(() => loading.delete(id));
  loading.set(id, work);
  return work;
}

async function begin(id, timeline, connection) {
  for (const one of connection.unacked) if (one.conversation === id) timeline.pending.push({ ...one, from: "agent" });
  try {
    await renew(id);
    const { last_sequence } = store.conversations.get(id);
    await fetchEvents(id, Math.max(0, last_sequence - PAGE), PAGE);
    timeline.begun = true;
    connection.send({ type: "watch", conversation: id, after: timeline.last }).catch(() => {});
  } catch (error) {
    store.timelines.delete(id);
    throw error;
  }
}

/** Stops watching, unless it is one's own. */
export function leave(id, connection) {
  const conversation = store.conversations.get(id);
  if (!store.timelines.has(id) || store.mine(conversation)) return;
  for (const held of [store.timelines, store.typing, store.presences, store.viewers]) held.delete(id);
  connection.send({ type: "unwatch", conversation: id }).catch(() => {});
}

/** The events before the first that is held. */
export async function older(id) {
  const timeline = store.timelines.get(id);
  if (!timeline || timeline.first <= 1 || loading.has(id)) return;
  const after = Math.max(0, timeline.first - 1 - PAGE);
  const work = fetchEvents(id, after, timeline.first - 1 - after).finally(() => loading.delete(id));
  loading.set(id, work);
  await work;
}

/** What came after the last that is held, when the socket skipped some. */
export async function catchUp(id) {
  const timeline = store.timelines.get(id);
  let after = -1;
  while (timeline && after < timeline.last) {
    after = timeline.last;
    await fetchEvents(id, after, CAUGHT_UP_AT_ONCE);
  }
}

async function fetchEvents(id, after, limit) {
  const { events } = await api("GET", `/api/conversations/${id}/events?${query({ after, limit })}`);
  const timeline = store.timelines.get(id);
  const conversation = store.conversations.get(id);
  for (const { sequence, at_ms, ...rest } of events) {
    // What was read up to is `sequence` in a frame, where the event stands alone; here the record's own has that name.
    const event = rest.type === "read_marked" ? { ...rest, sequence: rest.read_sequence } : rest;
    const frame = { sequence, at_ms, event };
    if (timeline?.add(frame) && conversation) fold(conversation, frame);
  }
  store.changed("timeline");
  store.changed("conversations");
}
