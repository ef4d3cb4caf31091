// <script src="https://…/widget.js" data-bot="acme"></script>
// Besides: data-color="#0b6b5d", -language, -theme, -title, -name, -email, -user-id, -user-hmac. Livesupport.open(), close(), update().
{
  const { src, dataset } = document.currentScript;
  const widget = import(new URL("/static/widget/view.js", src)).then(({ mount }) => mount(new URL(src).origin, dataset));
  const call = (name) => (details) => widget.then((view) => view[name](details));
  window.Livesupport = { open: call("show"), close: call("hide"), update: call("update") };
}
