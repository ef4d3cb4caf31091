// What an agent chose for this browser: theme, sounds, notifications, shortcuts, drafts.

import { local } from "../common/storage.js";

const KEY = "livesupport:preferences";
const defaults = { theme: "auto", sound: true, desktop: false, offers: true, alerts: true, replies: true, shortcuts: true };

export const preferences = { ...defaults, ...JSON.parse(local[KEY] ?? "{}") };

export function prefer(name, value) {
  preferences[name] = value;
  local[KEY] = JSON.stringify(preferences);
  if (name === "theme") applyTheme();
}

export function applyTheme() {
  document.documentElement.dataset.theme = preferences.theme;
}

const draftKey = (conversation) => `livesupport:draft:${conversation}`;

export const drafts = {
  get: (conversation) => local[draftKey(conversation)] ?? "",
  set(conversation, text) {
    if (text) local[draftKey(conversation)] = text;
    else delete local[draftKey(conversation)];
  },
  /** Whether this is what another tab has changed. */
  is: (conversation, { key }) => key === draftKey(conversation),
};
