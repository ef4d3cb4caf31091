// The socket's side of the store: what to resume, what each frame changes. The only writer of conversations besides `history.js`.

import { Connection, newRef } from "../common/socket.js";
import { session as storage } from "../common/storage.js";
import { api, itemsOf, session } from "./api.js";
import { fold } from "./fold.js";
import { catchUp, follow, leave, refreshLists } from "./history.js";
import { forgetClosed } from "./list/search.js";
import { drafts } from "./preferences.js";
import { route } from "./router.js";
import { STATUSES, store } from "./store.js";
import { toast } from "./toast.js";

const TYPING_LASTS_MS = 10_000;
const silences = new Map(); // conversation → timer: who was typing, and nobody says that it ended
let wanted = null; // the status that this window is asking for

export const happenings = new EventTarget(); // "offer", "alert", and each event by its type, with whether it was mine before

const takes = {
  welcome({ conversations }) {
    store.presences.clear();
    for (const conversation of conversations) store.put(conversation);
    refreshLists(connection);
    learnTelegram();
  },
  event(frame) {
    const { conversation: id } = frame;
    const timeline = store.timelines.get(id);
    const conversation = store.conversations.get(id);
    if (!timeline) return;
    if (timeline.last && frame.sequence > timeline.last + 1) catchUp(id).catch(() => {});
    if (!timeline.add(frame)) return;
    const mine = store.mine(conversation);
    if (conversation) fold(conversation, frame);
    if (frame.event.from === "visitor") hush(id);
    store.changed("timeline");
    store.changed("conversations");
    happenings.dispatchEvent(new CustomEvent(frame.event.type, { detail: { ...frame, mine } }));
    if (frame.event.type === "conversation_closed") drafts.set(id, "");
    // Nothing more comes of it, and a shift has hundreds of them.
    if (frame.event.type === "conversation_closed" && route().selected !== id) leave(id, connection);
  },
  typing({ conversation, from, active, text }) {
    if (from !== "visitor") return;
    if (!active) return hush(conversation);
    store.typing.set(conversation, text ?? "");
    clearTimeout(silences.get(conversation));
    silences.set(conversation, setTimeout(hush, TYPING_LASTS_MS, conversation));
    store.changed("typing");
  },
  assistant_chunk(frame) {
    store.timelines.get(frame.conversation)?.chunk(frame);
    store.changed("timeline");
  },
  presence({ conversation, online, last_seen_ms }) {
    if (!online) hush(conversation);
    if (store.timelines.has(conversation)) store.presences.set(conversation, { online, last_seen_ms });
    store.seat(conversation, { online, last_seen_ms });
    store.changed("conversations");
  },
  agent_status({ agent, status }) {
    if (agent === store.me.id) statusBecame(status);
    const held = store.agents.get(agent);
    if (held) Object.assign(held, { status, since_ms: Date.now() });
    store.changed("agents");
  },
  viewers({ conversation, agents }) {
    if (agents.length) store.viewers.set(conversation, agents);
    else store.viewers.delete(conversation);
    store.changed("conversations");
  },
  queue_position({ conversation, position, eta_seconds }) {
    const held = store.conversations.get(conversation);
    if (held) held.queue = { position, eta_seconds };
    store.changed("conversations");
  },
  assigned({ conversation }) {
    takes.offer_withdrawn({ conversation });
    follow(conversation, connection).catch(() => {});
  },
  offer(frame) {
    store.offers.set(frame.conversation, frame);
    store.changed("offers");
    happenings.dispatchEvent(new CustomEvent("offer", { detail: frame }));
  },
  offer_withdrawn({ conversation }) {
    store.offers.delete(conversation);
    store.changed("offers");
  },
  lobby({ changed, removed }) {
    for (const conversation of changed) {
      store.put(conversation);
      if (store.mine(conversation)) follow(conversation.id, connection).catch(() => {});
    }
    for (const id of removed) if (!store.timelines.has(id)) store.conversations.delete(id);
    forgetClosed();
    store.changed("conversations");
  },
  alert(frame) {
    store.alerts.set(frame.conversation, frame.keyword);
    store.changed("conversations");
    happenings.dispatchEvent(new CustomEvent("alert", { detail: frame }));
  },
  telegram({ bot, pending, problem }) {
    store.telegram.set(bot, { pending, problem });
    store.changed("telegram");
  },
  resync({ conversation }) {
    catchUp(conversation).catch(() => {});
  },
};

function hush(conversation) {
  clearTimeout(silences.get(conversation));
  silences.delete(conversation);
  if (store.typing.delete(conversation)) store.changed("typing");
}

const owner = {
  token: () => session.held?.token,
  resume: () => Object.fromEntries([...store.timelines].filter(([, { last }]) => last).map(([id, { last }]) => [id, last])),
  onframe: (frame) => takes[frame.type]?.(frame),
  onstate(state) {
    store.connection = state;
    store.cut = state !== "open" && (store.cut || state === "waiting");
    store.changed("connection");
    if (state === "unauthorized") session.onexpired();
  },
  onanswer(command, answer) {
    const timeline = store.timelines.get(command.conversation);
    if (command.type !== "send_message" || !timeline) return;
    timeline.answer(command.ref, answer);
    store.changed("timeline");
  },
};

export const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/ws`, owner, "livesupport:agent:outbox");

/** What one wrote and the server never got is not sent by whoever logs in here next. */
export function forgetUnsent() {
  delete storage[connection.memory];
}

/** Sends a command about a conversation; rejects with the protocol's error. */
export function command(type, conversation, fields = {}) {
  return connection.send({ type, ...(conversation && { conversation }), ...fields });
}

/** A reply: shown at once, sent until it is acked, over a lost connection and a reload. */
export function reply(conversation, text, attachments = []) {
  const ref = newRef();
  store.timelines.get(conversation)?.pending.push({ ref, text, attachments, from: "agent" });
  store.changed("timeline");
  const message = { type: "send_message", conversation, text, ...(attachments.length && { attachments }) };
  return connection.send(message, { keep: true, ref }).catch(() => {});
}

export async function setStatus(status) {
  wanted = status;
  await command("set_status", null, { status });
  store.status = status;
  store.changed("agents");
}

/** Whoever did not choose it herself is told: a manager did, or she has missed her offers. */
function statusBecame(status) {
  if (status !== store.status && status !== wanted) toast(`Your status is now ${STATUSES[status]}.`);
  wanted = null;
  store.status = status;
}

/** One's bots: their names, and how soon their visitors are to be answered. */
export async function learnBots() {
  store.bots = new Map(itemsOf(await api("GET", "/api/bots")).map((bot) => [bot.id, bot]));
  store.changed("me");
}

/** How the Telegram groups of one's bots stand. */
async function learnTelegram() {
  for (const { id, telegram } of store.bots.values()) {
    if (telegram) await api("GET", `/api/bots/${id}/telegram`).then(takes.telegram, () => {});
  }
}

/** Who is there now: oneself and the others of one's bots. */
export async function learnAgents() {
  for (const agent of itemsOf(await api("GET", "/api/agents"))) store.agents.set(agent.id, agent);
  store.status = store.agents.get(store.me.id)?.status ?? store.status;
  store.changed("agents");
}
