// Starts the widget on a page: reads the tag's settings, puts one element with its shadow tree at the end of the body.

import { Chat } from "./chat.js";
import { accentSheet, sheet } from "./style.js";
import { speak } from "./texts.js";
import { View } from "./view.js";

export async function mount(origin, settings) {
  if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done, { once: true }));
  const { language, texts } = speak(settings.language);
  const element = document.createElement("livesupport-chat");
  const shadow = element.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheet, accentSheet(settings.color)];
  element.lang = language;
  element.dataset.theme = settings.theme ?? "auto";

  const identity = { name: settings.name, email: settings.email, user_id: settings.userId, user_hmac: settings.userHmac };
  let view = null;
  const chat = new Chat(origin, settings.bot, identity, () => view?.changed());
  view = new View(shadow, chat, texts, { title: settings.title, language });
  document.body.append(element);
  if (chat.known) await chat.begin().catch(() => {});
  if (sessionStorage.getItem(`${chat.key}:shown`)) view.show();

  return {
    show: () => view.show(),
    hide: () => view.hide(),
    update: (details) => (chat.started ? chat.command("update_details", details) : Object.assign(identity, details)),
  };
}
