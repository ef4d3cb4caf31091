import { h } from "../../common/dom.js";
import { Element } from "../element.js";
class Reports extends Element {
  build() {
    this.append(h("h1", {}, "Reports"));
  }
}
customElements.define("ls-reports", Reports);
