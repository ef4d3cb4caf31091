// Keyboard shortcuts. Letters work where nothing is being written, and not at all if they are switched off in Settings.

import { acceptOffer, declineOffer, end, returnToAssistant, takeOver } from "./actions.js";
import { closeDialog } from "./dialogs/close.js";
import { assignDialog, returnDialog, transferDialog } from "./dialogs/hand.js";
import { showShortcuts } from "./dialogs/shortcuts.js";
import { preferences } from "./preferences.js";
import { go, MAILBOXES, route } from "./router.js";
import { store } from "./store.js";

const focus = (selector) => document.querySelector(selector)?.focus();
const firstOffer = () => store.offers.keys().next().value;

const anywhere = {
  "?": showShortcuts,
  "/": () => focus("ls-filters input[type=search]"),
  j: () => document.querySelector("ls-list")?.step(1),
  k: () => document.querySelector("ls-list")?.step(-1),
  a: () => firstOffer() && acceptOffer(firstOffer()),
  d: () => firstOffer() && declineOffer(firstOffer()),
  ...Object.fromEntries(MAILBOXES.map((mailbox, at) => [String(at + 1), () => go(mailbox)])),
};

const mayClose = (conversation) => store.mine(conversation) || conversation.state !== "live" || store.manager;

const here = {
  r: () => focus("ls-composer textarea"),
  n: () => focus("#add-note"),
  l: () => focus("#add-tag"),
  t: ({ id, bot, state }) => !store.answersAlone({ bot }) && (state === "assistant" || state === "queued" || store.manager) && takeOver(id),
  e: (conversation) => store.mine(conversation) && returnToAssistant(conversation.id),
  E: (conversation) => store.mine(conversation) && returnDialog(conversation.id),
  x: (conversation) => store.mine(conversation) && transferDialog(conversation.id),
  c: (conversation) => mayClose(conversation) && closeDialog(conversation.id),
  C: (conversation) => mayClose(conversation) && end(conversation.id),
  g: ({ id, bot }) => !store.answersAlone({ bot }) && store.manager && assignDialog(id),
};

document.addEventListener("keydown", (event) => {
  const dialog = document.querySelector("dialog[open]");
  if (!store.me || dialog?.classList.contains("login") || event.ctrlKey || event.metaKey || event.isComposing) return;
  // Also from a dialog: an offer does not wait until the notes are written.
  if (event.altKey) {
    const act = { KeyA: anywhere.a, KeyD: anywhere.d }[event.code];
    if (act && firstOffer()) event.preventDefault();
    act?.();
    return;
  }
  if (dialog) return;
  if (event.key === "Escape" && !event.defaultPrevented) event.target.blur();
  if (!preferences.shortcuts || event.target.closest("input, textarea, select, [role=menu]")) return;
  const conversation = store.conversations.get(route().selected);
  const open = conversation && conversation.state !== "closed" ? conversation : null;
  const act = anywhere[event.key] ?? (open && here[event.key]) ?? (conversation && "nl".includes(event.key) && here[event.key]);
  if (!act) return;
  event.preventDefault();
  act(open ?? conversation);
});
