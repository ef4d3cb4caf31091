// One's own status: a menu button as the ARIA practices describe it.

import { h } from "../common/dom.js";
import { Element } from "./element.js";
import { setStatus } from "./live.js";
import { STATUSES, store } from "./store.js";
import { toast } from "./toast.js";

class Status extends Element {
  static topics = ["agents", "me"];

  build() {
    this.now = h("span", { class: "now", "aria-hidden": "true" });
    this.button = h(
      "button",
      { class: "status-button", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.toggle(this.menu.hidden) },
      h("span", { class: "label" }, "Status"),
      this.now,
    );
    this.menu = h(
      "div",
      { class: "menu", role: "menu", "aria-label": "Status", hidden: true, onkeydown: (event) => this.key(event) },
      Object.entries(STATUSES).map(([status, label]) =>
        h(
          "button",
          { role: "menuitem", tabindex: "-1", class: `is-${status}`, "data-status": status, onclick: () => this.choose(status) },
          label,
        ),
      ),
    );
    this.append(this.button, this.menu);
    this.addEventListener("focusout", ({ relatedTarget }) => this.contains(relatedTarget) || this.toggle(false));
  }

  update() {
    this.now.textContent = STATUSES[store.status] ?? store.status;
    this.button.className = `status-button is-${store.status}`;
    this.button.setAttribute("aria-description", this.now.textContent);
    for (const item of this.menu.children) {
      if (item.dataset.status === store.status) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  toggle(open) {
    this.menu.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) (this.menu.querySelector("[aria-current]") ?? this.menu.firstChild).focus();
  }

  async choose(status) {
    this.toggle(false);
    this.button.focus();
    if (store.cut) return toast("There is no connection just now: your status is as it was.", "bad");
    try {
      await setStatus(status);
    } catch (error) {
      toast(`Your status was not changed: ${error.message}`, "bad");
    }
  }

  key(event) {
    const items = [...this.menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items.at(to % items.length).focus();
    else if (event.key === "Escape") {
      this.toggle(false);
      this.button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("ls-status", Status);
