// The base of the dashboard's elements: built once, updated when a topic of the store changes, silent when it leaves the page.

import { store } from "./store.js";

export class Element extends HTMLElement {
  static topics = [];
  #stops = null;

  connectedCallback() {
    if (this.#stops) return;
    // Before its parts are built: what is around a part shows it before the part takes the focus.
    this.#stops = this.constructor.topics.map((topic) => store.listen(topic, () => this.update()));
    if (!this.built) {
      this.built = true;
      this.build();
    }
    this.update();
  }

  disconnectedCallback() {
    if (this.isConnected) return;
    for (const stop of this.#stops ?? []) stop();
    this.#stops = null;
    this.left?.();
  }

  build() {}
  update() {}
}
