// What an agent chose for this browser: theme, sounds, notifications, shortcuts, drafts.

const KEY = "livesupport:preferences";
const defaults = { theme: "auto", sound: true, desktop: false, offers: true, alerts: true, replies: true, shortcuts: true };

export const preferences = { ...defaults, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };

export function prefer(name, value) {
  preferences[name] = value;
  localStorage.setItem(KEY, JSON.stringify(preferences));
  if (name === "theme") applyTheme();
}

export function applyTheme() {
  document.documentElement.dataset.theme = preferences.theme;
}

const draftKey = (conversation) => `livesupport:draft:${conversation}`;

export const drafts = {
  get: (conversation) => localStorage.getItem(draftKey(conversation)) ?? "",
  set(conversation, text) {
    if (text) localStorage.setItem(draftKey(conversation), text);
    else localStorage.removeItem(draftKey(conversation));
  },
  /** Whether this is what another tab has changed. */
  is: (conversation, { key }) => key === draftKey(conversation),
};
