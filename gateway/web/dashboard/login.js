// The login, as a page of its own or over the app when the session has expired.

import { fill, h } from "../common/dom.js";
import { api, session } from "./api.js";

/** Resolves when somebody has logged in. */
export function askToLogIn(reason) {
  return new Promise((done) => {
    const invited = new URLSearchParams(location.search).get("email") ?? "";
    const problem = h("p", { class: "problem", role: "alert" });
    const email = h("input", { type: "email", id: "login-email", autocomplete: "username", required: true, value: invited });
    const password = h("input", { type: "password", id: "login-password", autocomplete: "current-password", required: true });
    const button = h("button", { class: "primary wide" }, "Log in");
    const dialog = h(
      "dialog",
      { class: "login", "aria-labelledby": "login-title", oncancel: (event) => event.preventDefault(), onclose: stay },
      h(
        "form",
        { onsubmit: submit },
        h("img", { src: "/static/icon.svg", alt: "", width: "48", height: "48" }),
        h("h1", { id: "login-title" }, "Livesupport"),
        h("p", { class: "dim" }, reason || "Log in to answer your visitors."),
        h("label", { for: "login-email" }, "E-mail"),
        email,
        h("label", { for: "login-password" }, "Password"),
        password,
        problem,
        button,
      ),
    );

    /** A browser lets nobody be kept by a dialog: a second Escape closes it, whatever is prevented. */
    function stay() {
      if (dialog.isConnected) dialog.showModal();
    }

    async function submit(event) {
      event.preventDefault();
      button.disabled = true;
      fill(problem);
      try {
        session.keep(await api("POST", "/api/login", { email: email.value.trim(), password: password.value }));
        dialog.close();
        dialog.remove();
        done();
      } catch (error) {
        fill(
          problem,
          error.status === 401
            ? "E-mail or password is wrong."
            : error.status === 429
              ? "Too many attempts. Wait a minute."
              : `That did not work: ${error.message}`,
        );
        password.select();
      } finally {
        button.disabled = false;
      }
    }

    document.body.append(dialog);
    dialog.showModal();
    (invited ? password : email).focus();
  });
}
