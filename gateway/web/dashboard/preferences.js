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

export const drafts = {
  get: (conversation) => localStorage.getItem(`livesupport:draft:${conversation}`) ?? "",
  set(conversation, text) {
    if (text) localStorage.setItem(`livesupport:draft:${conversation}`, text);
    else localStorage.removeItem(`livesupport:draft:${conversation}`);
  },
};
