// The input: several lines, a draft kept for each conversation, files, quick replies under “/”. Enter sends.

import { fill, h } from "../../common/dom.js";
import { api } from "../api.js";
import { Element } from "../element.js";
import { icon } from "../icons.js";
import { connection, reply } from "../live.js";
import { drafts } from "../preferences.js";
import { route } from "../router.js";
import { store } from "../store.js";
import { toast } from "../toast.js";
import { bytes } from "../format.js";
import { QuickReplies } from "./quick-replies.js";

const TYPING_EVERY_MS = 2000;
const TYPING_STOPS_MS = 4000;

class Composer extends Element {
  static topics = ["route", "conversations"];

  build() {
    this.shelf = new Map(); // conversation → the files that are to go with its next reply
    this.input = h("textarea", {
      "aria-label": "Reply",
      rows: "1",
      maxlength: "8000",
      placeholder: "Reply, / for quick replies",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.pasted(event),
    });
    this.replies = new QuickReplies(this.input, (text) => this.put(text));
    this.chosen = h("ul", { class: "chosen", "aria-label": "Attachments" });
    this.picker = h("input", { type: "file", hidden: true, multiple: true, onchange: () => this.add([...this.picker.files]) });
    this.form = h(
      "form",
      { onsubmit: (event) => this.submit(event), ondragover: (event) => event.preventDefault(), ondrop: (event) => this.dropped(event) },
      this.replies.box,
      this.chosen,
      h(
        "div",
        { class: "line" },
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": "Attach a file",
            title: "Attach a file",
            onclick: () => this.picker.click(),
          },
          icon("clip"),
        ),
        this.picker,
        this.input,
        h("button", { class: "primary", title: "Enter sends, Shift+Enter begins a new line" }, "Send"),
      ),
    );
    this.append(this.form);
    // One draft for all tabs: what was sent from one is not left standing in another.
    addEventListener("storage", (change) => drafts.is(this.selected, change) && this.show(change.newValue ?? ""));
  }

  update() {
    const { selected } = route();
    const conversation = store.conversations.get(selected);
    this.hidden = !conversation || !store.mine(conversation);
    if (this.selected !== selected) this.turn(selected);
    if (this.hidden || store.answering !== selected) return;
    store.answering = null;
    this.input.focus();
  }

  filesOf(conversation) {
    return this.shelf.get(conversation) ?? [];
  }

  /** Another conversation: its draft, its files. */
  turn(selected) {
    this.quiet();
    this.selected = selected;
    this.showFiles();
    this.put(selected ? drafts.get(selected) : "", false);
  }

  put(text, focus = true) {
    if (this.selected) drafts.set(this.selected, text);
    this.show(text);
    if (focus) this.input.focus();
  }

  show(text) {
    this.input.value = text;
    this.grow();
  }

  submit(event) {
    event?.preventDefault();
    const text = this.input.value.trim();
    const attachments = this.filesOf(this.selected).map(({ attachment }) => attachment);
    if ((!text && !attachments.length) || attachments.includes(null)) return;
    reply(this.selected, text, attachments);
    this.setFiles(this.selected, []);
    this.put("");
    this.typing = false;
    this.replies.hide();
    this.dispatchEvent(new Event("sent"));
  }

  typed() {
    drafts.set(this.selected, this.input.value);
    this.grow();
    this.replies.filter();
    if (!this.input.value) return this.quiet();
    clearTimeout(this.stop);
    this.stop = setTimeout(() => this.quiet(), TYPING_STOPS_MS);
    if (this.typing && Date.now() - this.typing < TYPING_EVERY_MS) return undefined;
    this.typing = Date.now();
    return connection.signal({ type: "set_typing", conversation: this.selected, active: true });
  }

  quiet() {
    clearTimeout(this.stop);
    if (this.typing) connection.signal({ type: "set_typing", conversation: this.selected, active: false });
    this.typing = false;
  }

  key(event) {
    if (this.replies.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
    if (event.key === "Escape") this.input.blur();
  }

  pasted(event) {
    const files = [...event.clipboardData.files];
    if (files.length) event.preventDefault();
    this.add(files);
  }

  dropped(event) {
    event.preventDefault();
    this.add([...event.dataTransfer.files]);
  }

  async add(files) {
    const conversation = this.selected;
    this.picker.value = "";
    for (const file of files) {
      const preview = file.type.startsWith("image/") && URL.createObjectURL(file);
      const entry = { file, preview, attachment: null };
      this.setFiles(conversation, [...this.filesOf(conversation), entry]);
      const body = new FormData();
      body.append("file", file, file.name);
      try {
        ({ attachment: entry.attachment } = await api("POST", `/api/conversations/${conversation}/attachments`, body));
      } catch (error) {
        this.drop(conversation, entry);
        toast(error.code === "too_large" ? `${file.name} is too large.` : `${file.name} was not attached: ${error.message}`, "bad");
      }
      this.showFiles();
    }
  }

  drop(conversation, entry) {
    this.setFiles(
      conversation,
      this.filesOf(conversation).filter((one) => one !== entry),
    );
  }

  setFiles(conversation, files) {
    const before = this.filesOf(conversation);
    for (const { preview } of before) if (preview && !files.some((one) => one.preview === preview)) URL.revokeObjectURL(preview);
    this.shelf.set(conversation, files);
    if (!files.length) this.shelf.delete(conversation);
    this.showFiles();
  }

  showFiles() {
    const files = this.filesOf(this.selected);
    this.chosen.hidden = !files.length;
    fill(
      this.chosen,
      files.map((entry) =>
        h(
          "li",
          {},
          entry.preview && h("img", { src: entry.preview, alt: "", height: "36" }),
          entry.file.name,
          h("span", { class: "dim" }, entry.attachment ? ` ${bytes(entry.file.size)}` : " uploading…"),
          h("button", { type: "button", "aria-label": `Remove ${entry.file.name}`, onclick: () => this.drop(this.selected, entry) }, "×"),
        ),
      ),
    );
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 220)}px`;
  }
}

customElements.define("ls-composer", Composer);
