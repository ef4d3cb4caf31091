// One conversation in the list: who, what was said last, how long they wait, what needs attention.

import { h } from "../../common/dom.js";
import { clock } from "../clocks.js";
import { initials, visitorName, whenOf } from "../format.js";
import { drafts } from "../preferences.js";
import { href } from "../router.js";
import { store } from "../store.js";
import { mailboxOf, waitingSince } from "./mailboxes.js";

function facts({ conversation }) {
  return {
    since: waitingSince(conversation),
    unread: store.unread(conversation),
    draft: store.mine(conversation) && drafts.get(conversation.id) !== "",
    typing: store.typing.has(conversation.id),
    alert: store.alerts.get(conversation.id),
  };
}

export function rowSignature(shown) {
  const { conversation: c, selected, at, of, mailbox, place } = shown;
  const f = facts(shown);
  return [
    c.preview,
    c.preview_from,
    c.visitor.name,
    c.visitor.online,
    c.state,
    c.owner?.name,
    c.handoff?.trigger,
    place,
    c.tags,
    c.resolution,
    c.rating?.score,
    c.updated_at_ms,
    selected,
    at,
    of,
    mailbox,
    f.since,
    c.handoff?.offered_to,
    f.unread,
    f.draft,
    f.typing,
    f.alert,
    store.bot,
  ].join("|");
}

export function row(shown) {
  const { conversation, selected, at, of, mailbox, place } = shown;
  const { since, unread, draft, typing, alert } = facts(shown);
  const name = visitorName(conversation.visitor);
  const when =
    since !== null
      ? clock(since, store.targetOf(conversation.bot))
      : h("time", { class: "dim", datetime: new Date(conversation.updated_at_ms).toISOString() }, whenOf(conversation.updated_at_ms));
  return h(
    "div",
    { class: "row", role: "listitem", "aria-setsize": String(of), "aria-posinset": String(at + 1) },
    h(
      "a",
      { href: href(mailbox, conversation.id), "aria-current": selected ? "true" : null, class: unread ? "unread" : "" },
      h(
        "span",
        { class: `avatar tone-${tone(conversation.visitor.id)}`, "aria-hidden": "true" },
        initials(name),
        conversation.visitor.online && h("span", { class: "dot" }),
      ),
      h(
        "span",
        { class: "main" },
        h("span", { class: "name" }, name, conversation.visitor.online && h("span", { class: "unseen" }, " (online)")),
        when,
      ),
      h(
        "span",
        { class: "second" },
        h(
          "span",
          { class: "preview" },
          typing ? h("em", {}, "typing…") : draft ? ["Draft: ", drafts.get(conversation.id)] : said(conversation),
        ),
        unread > 0 && h("span", { class: "unread-count" }, String(unread), h("span", { class: "unseen" }, " unread")),
      ),
      h(
        "span",
        { class: "third" },
        marks(conversation, mailbox, place),
        alert && h("span", { class: "tag alert" }, `! ${alert}`),
        conversation.tags.map((tag) => h("span", { class: "tag" }, tag)),
      ),
    ),
  );
}

/** What was said last; by whom, unless it was the visitor. */
function said({ preview, preview_from: from, owner }) {
  if (!preview) return "No messages yet";
  const agent = owner?.id === store.me.id ? "You" : owner?.name;
  const by = { assistant: "AI", agent }[from];
  return by ? `${by}: ${preview}` : preview;
}

/** Why a human is needed, where it is not because the visitor asked for one. */
const WHY = {
  keyword: "keyword",
  sentiment: "seems unhappy",
  unanswered: "got no answer",
  assistant_failed: "got no answer",
  transfer: "transferred",
  disconnect: "lost their agent",
};

function marks(conversation, mailbox, place) {
  const { owner, resolution, rating, bot, handoff } = conversation;
  const offered = store.agents.get(handoff?.offered_to)?.name ?? handoff?.offered_to;
  const here = mailboxOf(conversation);
  const words = {
    mine: mailbox !== here && ["with you"],
    queue: [place ? `No. ${place}` : mailbox !== here && "waiting", WHY[handoff?.trigger], offered && `offered to ${offered}`],
    assistant: mailbox !== here && ["with the assistant"],
    team: [`with ${owner?.name}`],
    closed: [mailbox !== here && "closed", resolution ?? "ended by the visitor", score(rating) && `★ ${score(rating)}`],
  };
  return [store.me.bots.length > 1 && !store.bot && store.botName(bot), ...(words[here] || [])]
    .filter(Boolean)
    .map((word) => h("span", {}, word));
}

export const score = (rating) => rating?.score ?? rating ?? null;

/** One of six quiet tones, the same for the same visitor always. */
export function tone(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return sum % 6;
}
