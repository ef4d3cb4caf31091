// Settings: notifications, appearance, keys. Kept in this browser.

import { h } from "../common/dom.js";
import { Element } from "./element.js";
import { play, sample } from "./notify.js";
import { prefer, preferences } from "./preferences.js";

const BLOCKED = "Your browser blocks notifications of this page. Allow them in its site settings, then switch this on again.";
const UNABLE = "This browser shows no notifications of pages. Sounds and the count in the tab’s title work here too.";
const blocked = () => !("Notification" in window) || Notification.permission === "denied";

class Settings extends Element {
  build() {
    if (preferences.desktop && blocked()) prefer("desktop", false);
    this.desktopNote = h("p", { class: "dim", role: "status" }, blocked() && BLOCKED);
    this.append(
      h("h1", {}, "Settings"),
      h(
        "section",
        { class: "card", "aria-labelledby": "notifications" },
        h("h2", { id: "notifications" }, "Notifications"),
        toggle("Desktop notifications", "desktop", "When this tab is hidden. Your browser asks you once.", (on, box) =>
          this.desktop(on, box),
        ),
        this.desktopNote,
        toggle("Sound", "sound", "A short tune.", (on) => on && play("offer")),
        h("h3", {}, "What for"),
        toggle("New offers", "offers", "A conversation is offered to you."),
        toggle("Keyword alerts", "alerts", "A visitor mentions one of your bot’s keywords."),
        toggle("Replies while this tab is hidden", "replies", "A visitor of yours writes."),
      ),
      h("section", { class: "card", "aria-labelledby": "appearance" }, h("h2", { id: "appearance" }, "Appearance"), themes()),
      h(
        "section",
        { class: "card", "aria-labelledby": "keys" },
        h("h2", { id: "keys" }, "Keyboard"),
        toggle("Single-key shortcuts", "shortcuts", "Letters do things where nothing is being written. Press ? for the list."),
      ),
    );
  }

  async desktop(on, box) {
    this.desktopNote.textContent = "";
    if (!on) return;
    const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (answer === "granted" && sample()) return;
    box.checked = false;
    prefer("desktop", false);
    this.desktopNote.textContent = answer === "granted" ? UNABLE : BLOCKED;
  }
}

let numbers = 0;

function toggle(label, name, hint, also = () => {}) {
  const id = `setting-${++numbers}`;
  const box = h("input", { type: "checkbox", role: "switch", id, checked: preferences[name], "aria-describedby": `${id}-hint` });
  box.addEventListener("change", () => {
    prefer(name, box.checked);
    also(box.checked, box);
  });
  return h("div", { class: "toggle" }, box, h("label", { for: id }, label), h("p", { class: "dim", id: `${id}-hint` }, hint));
}

function themes() {
  const names = { auto: "As the system", light: "Light", dark: "Dark" };
  const radio = ([value, label]) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "theme", value, checked: preferences.theme === value, onchange: () => prefer("theme", value) }),
      label,
    );
  return h("fieldset", {}, h("legend", {}, "Theme"), Object.entries(names).map(radio));
}

customElements.define("ls-settings", Settings);
