// Starts the dashboard: who is logged in, then the app; the login again when the session expires, over what is being written.

import { h } from "../common/dom.js";
import { api, session } from "./api.js";
import "./app.js";
import { connection, forgetUnsent, learnAgents, learnBots } from "./live.js";
import { askToLogIn } from "./login.js";
import "./notify.js";
import { applyTheme } from "./preferences.js";
import { store } from "./store.js";

const RETRY_MS = 3000;

applyTheme();
session.onexpired = once(async () => {
  connection.close();
  session.drop();
  await askToLogIn(store.me && "Your session has ended. Log in to go on; what you were writing is kept.");
  await start();
});

/** Another tab has logged out, or in: as somebody else, or again. */
addEventListener("storage", ({ key, newValue }) => {
  if (key !== session.key || !store.me) return;
  if (newValue === null) session.onexpired();
  else if (JSON.parse(newValue).agent.id !== store.me.id) begin();
  else if (document.querySelector("dialog.login")) location.reload();
});

/** Anew, as somebody else: what the one before had written and the server never got is not sent in this one’s name. */
function begin() {
  forgetUnsent();
  location.reload();
}

function once(work) {
  let under_way = null;
  return () => (under_way ??= work().finally(() => (under_way = null)));
}

async function start() {
  const who = await api("GET", "/api/me").catch((error) => (error.status === 401 ? null : Promise.reject(error)));
  if (!who) return;
  const me = { ...session.held?.agent, ...(who.agent ?? who) };
  if (store.me && store.me.id !== me.id) begin();
  store.me = me;
  await learnBots();
  if (!document.querySelector("ls-app")) document.body.append(document.createElement("ls-app"));
  await learnAgents();
  connection.open();
}

/** A server that is just restarting is asked again, quietly. */
async function patiently(words = null) {
  try {
    await start();
    words?.remove();
  } catch {
    words ??= document.body.appendChild(h("p", { class: "patience", role: "status" }, "The server does not answer. Trying again…"));
    setTimeout(patiently, RETRY_MS, words);
  }
}

if (session.held) patiently();
else session.onexpired();
