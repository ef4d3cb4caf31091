// <script src="https://…/widget.js" data-bot="acme"></script>
// data-color="#0b6b5d" data-language="en|de" data-theme="auto|light|dark" data-title data-name data-email data-user-id data-user-hmac
// Its one global: Livesupport.open(), close(), update({name, email, attributes}).
{
  const { src, dataset } = document.currentScript;
  const widget = import(new URL("/static/widget/view.js", src)).then(({ mount }) => mount(new URL(src).origin, dataset));
  const call = (name) => (details) => widget.then((view) => view[name](details));
  window.Livesupport = { open: call("show"), close: call("hide"), update: call("update") };
}
