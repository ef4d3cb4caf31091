// Calling the agent: sounds, desktop notifications, the count in the tab's title. What for is chosen in Settings.

import { visitorName } from "./format.js";
import { mailboxOf } from "./list/mailboxes.js";
import { happenings } from "./live.js";
import { preferences } from "./preferences.js";
import { go } from "./router.js";
import { store } from "./store.js";
import { toast } from "./toast.js";

const TITLE = "Livesupport";
const RING_EVERY_MS = 6000;
const TUNES = { offer: [660, 880, 660, 880], message: [740], alert: [520, 390] };
let audio = null;
let ringing = 0;

/** A short tune, made here: nothing is loaded. Browsers allow it once the page has been clicked or typed into. */
export function play(name) {
  if (!preferences.sound) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
  TUNES[name].forEach((pitch, at) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + at * 0.16;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.16);
  });
}

/** Rings now and again while an offer is out: whoever has looked away hears it. */
export function ring(on) {
  if (on === ringing > 0) return;
  clearInterval(ringing);
  ringing = on ? setInterval(() => preferences.offers && play("offer"), RING_EVERY_MS) : 0;
  if (on && preferences.offers) play("offer");
}

/** A desktop notification, or null where the browser lets no page show one, as on Android. */
function shown(title, options) {
  try {
    return new Notification(title, { icon: "/static/icon.svg", ...options });
  } catch {
    return null;
  }
}

/** Shows what they will look like. False if this browser shows none. */
export const sample = () => shown(TITLE, { body: "This is how you will be told.", tag: "livesupport:sample" }) !== null;

export function notify(title, body, conversation, page = "mine") {
  if (
    !preferences.desktop ||
    !("Notification" in window) ||
    Notification.permission !== "granted" ||
    (!document.hidden && document.hasFocus())
  )
    return;
  const one = shown(title, { body, tag: `livesupport:${conversation}` });
  if (!one) return;
  one.onclick = () => {
    window.focus();
    go(page, conversation);
    one.close();
  };
}

happenings.addEventListener("offer", ({ detail: { conversation, visitor, preview } }) => {
  if (preferences.offers) notify(`${visitorName(visitor)} needs a human`, preview ?? "", conversation, "queue");
});

happenings.addEventListener("alert", ({ detail: { conversation, keyword, text } }) => {
  if (!preferences.alerts) return;
  const held = store.conversations.get(conversation);
  play("alert");
  toast(`${held ? visitorName(held.visitor) : "A visitor"} mentioned “${keyword}”.`);
  notify(`“${keyword}” was mentioned`, text ?? "", conversation, held ? mailboxOf(held) : "assistant");
});

happenings.addEventListener("message_sent", ({ detail: { conversation: id, event } }) => {
  const conversation = store.conversations.get(id);
  if (!preferences.replies || event.from !== "visitor" || !store.mine(conversation)) return;
  if (!document.hidden && document.hasFocus()) return;
  play("message");
  notify(visitorName(conversation.visitor), event.text, id);
});

/** What was hers and is not any more, or again, without her doing. */
happenings.addEventListener("agent_assigned", ({ detail: { conversation: id, event, mine } }) => {
  const name = visitorName(store.conversations.get(id)?.visitor);
  const passedOn = store.timelines.get(id)?.newest(({ type }) => type === "agent_released");
  if (mine && event.agent.id !== store.me.id) toast(`${event.agent.name} has ${name} now.`);
  else if (!mine && event.agent.id === store.me.id && event.how === "transfer" && passedOn?.event.agent.id === store.me.id)
    toast(`${name} is with you again: ${event.why}.`);
});

happenings.addEventListener("conversation_closed", ({ detail: { conversation: id, event, mine } }) => {
  const name = visitorName(store.conversations.get(id)?.visitor);
  if (mine && event.by === "visitor") toast(`${name} has ended the chat.`);
  else if (mine && event.by === "system") toast(`The chat with ${name} was closed: nothing was said for long.`);
});

function title() {
  let count = store.offers.size;
  for (const conversation of store.conversations.values()) if (store.mine(conversation) && store.unread(conversation)) count += 1;
  document.title = count ? `(${count}) ${TITLE}` : TITLE;
}

for (const topic of ["conversations", "offers"]) store.listen(topic, title);
