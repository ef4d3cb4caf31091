// The one tag: <script src="https://…/widget.js" data-bot="acme"></script>
// data-color="#0b6e5f"  data-language="en|de"  data-theme="auto|light|dark"  data-title="…"
// data-user-id, data-user-hmac, data-name, data-email: who the visitor is, where the page knows.
// Its one global is window.Livesupport: open(), close(), update({name, email, attributes}).
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const element = import(new URL("/static/widget/main.js", origin)).then(({ mount }) => mount(origin, script.dataset));
  window.Livesupport = {
    open: () => element.then((one) => one.show()),
    close: () => element.then((one) => one.hide()),
    update: (details) => element.then((one) => one.update(details)),
  };
})();
