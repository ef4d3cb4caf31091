// <script src="https://…/widget.js" data-bot="acme"></script>
// Besides: data-color="#0b6b5d", -language, -theme, -title, -name, -email, -user-id, -user-hmac. Livesupport.open(), close(), update().
{
  const LANGUAGES = ["en", "de"]; // each has a file with every word the widget says
  const { src, dataset } = document.currentScript;
  const load = (path) => import(new URL(`/static/widget/${path}.js`, src));
  const wishes = [dataset.language, document.documentElement.lang, ...navigator.languages].map((one) => one?.slice(0, 2));
  const language = wishes.find((one) => LANGUAGES.includes(one)) ?? "en";
  const body = document.body || new Promise((parsed) => addEventListener("DOMContentLoaded", parsed));
  const widget = Promise.all([load("view"), load(`texts/${language}`), body]).then(([{ mount }, texts]) =>
    mount(new URL(src).origin, dataset, texts.default, language),
  );
  const call = (name) => (details) => widget.then((view) => view[name](details));
  window.Livesupport = { open: call("show"), close: call("hide"), update: call("update") };
}
