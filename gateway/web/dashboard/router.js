// Where one is: #/MAILBOX, #/MAILBOX/CONVERSATION, #/reports, #/settings, #/manage/PAGE. The address is the only memory of it.

import { store } from "./store.js";

export const MAILBOXES = ["mine", "queue", "assistant", "team", "closed"];

export function route() {
  const [page = "mine", part = null] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  const mailbox = MAILBOXES.includes(page) ? page : null;
  return { page: page || "mine", part, mailbox: mailbox ?? (page ? null : "mine"), selected: mailbox ? part : null };
}

/** A part of an address; what was mangled on its way here stands for itself. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(page, part) {
  return `#/${page}${part ? `/${encodeURIComponent(part)}` : ""}`;
}

export function go(page, part) {
  location.hash = href(page, part);
}

addEventListener("hashchange", () => store.changed("route"));
