// The widget's look, inside its shadow tree: nothing of the page's comes in, nothing goes out.

const css = `
:host { all: initial; --accent: #0b6b5d; --on-accent: #fff; --bg: #fff; --soft: #f2f4f3; --ink: #1b2422; --dim: #586561; --line: #d9dfdc; --bad: #b3261e;
  color-scheme: light; font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { :host([data-theme="auto"]) { --bg: #171c1b; --soft: #232a28; --ink: #e8eeec; --dim: #a3b0ac; --line: #38423f; --bad: #ff8a80; color-scheme: dark; } }
:host([data-theme="dark"]) { --bg: #171c1b; --soft: #232a28; --ink: #e8eeec; --dim: #a3b0ac; --line: #38423f; --bad: #ff8a80; color-scheme: dark; }
* { box-sizing: border-box; margin: 0; font: inherit; letter-spacing: inherit; }
[hidden] { display: none !important; }
svg { fill: currentColor; display: block; }
button { cursor: pointer; border: 0; background: none; color: inherit; }
:focus-visible { outline: 3px solid var(--ring, #2a7de1); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bubble { position: fixed; z-index: 2147483000; inset: auto max(20px, env(safe-area-inset-right)) max(20px, env(safe-area-inset-bottom)) auto; width: 60px; height: 60px; border-radius: 30px;
  display: grid; place-items: center; background: var(--accent); color: var(--on-accent); box-shadow: 0 4px 18px rgb(0 0 0 / .25); transition: transform .15s; }
.bubble:hover { transform: translateY(-2px); }
.bubble svg { width: 30px; height: 30px; }
.bubble[aria-expanded="true"] { display: none; }
.count { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #c0271d; color: #fff; font-size: 13px; line-height: 22px; font-weight: 600; text-align: center; }
.panel { position: fixed; z-index: 2147483001; right: 20px; bottom: 20px; width: 384px; height: min(640px, calc(100dvh - 40px)); display: flex; flex-direction: column; overflow: hidden;
  background: var(--bg); color: var(--ink); border: 1px solid var(--line); border-radius: 16px; box-shadow: 0 12px 44px rgb(0 0 0 / .28); }
header { display: flex; align-items: center; padding: 12px 10px 12px 18px; background: var(--accent); color: var(--on-accent); --ring: currentColor; }
h2 { flex: 1; font-size: 17px; font-weight: 650; }
.bar { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; padding: 9px 12px 9px 18px; border-bottom: 1px solid var(--line); font-size: 13.5px; }
.status { flex: 1 1 150px; color: var(--dim); }
[data-state="live"] .status, [data-state="queued"] .status { color: var(--ink); font-weight: 550; }
.actions { display: flex; gap: 6px; }
.plain { padding: 5px 11px; border: 1px solid var(--line); border-radius: 8px; background: var(--bg); font-size: 13.5px; min-height: 32px; }
.plain:hover, .composer .icon:not(.send):hover { background: var(--soft); }
.icon { display: grid; place-items: center; width: 40px; height: 40px; border-radius: 10px; flex: none; }
.icon svg { width: 20px; height: 20px; }
.middle { position: relative; flex: 1; min-height: 0; display: flex; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 14px 16px; display: flex; flex-direction: column; gap: 3px; outline-offset: -3px; }
.newest { position: absolute; right: 14px; bottom: 10px; width: 36px; height: 36px; border-radius: 18px; display: grid; place-items: center; background: var(--bg); border: 1px solid var(--line); box-shadow: 0 2px 8px rgb(0 0 0 / .2); }
.newest svg { width: 18px; height: 18px; }
.message { max-width: 84%; align-self: flex-start; display: flex; flex-direction: column; position: relative; }
.message.visitor { align-self: flex-end; align-items: flex-end; }
.name { font-size: 12.5px; color: var(--dim); margin: 9px 0 2px 4px; font-weight: 550; }
.text { padding: 8px 13px; border-radius: 14px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
.agent .text { background: color-mix(in srgb, var(--accent) 16%, var(--bg)); }
.visitor .text { background: var(--accent); color: var(--on-accent); }
.sending .text { opacity: .7; }
.text a { color: inherit; }
.attachment { display: block; margin-top: 4px; }
.attachment img { max-width: 100%; max-height: 200px; border-radius: 8px; display: block; }
.meta { display: flex; gap: 6px; font-size: 11.5px; color: var(--dim); margin: 2px 4px 4px; font-variant-numeric: tabular-nums; }
.tick.read { color: var(--accent-text, var(--accent)); font-weight: 700; }
.tick.failed, .problem { color: var(--bad); }
.retry { text-decoration: underline; font-size: 12.5px; }
.writing .text::after { content: "▍"; animation: blink 1s steps(2) infinite; }
@keyframes blink { 50% { opacity: 0; } }
.date, .line { align-self: center; text-align: center; font-size: 12.5px; color: var(--dim); margin: 8px 0; }
.line { padding: 2px 12px; border: 1px solid var(--line); border-radius: 12px; }
.typing { min-height: 20px; padding: 0 18px; font-size: 12.5px; color: var(--dim); }
.problem { padding: 0 18px; font-size: 13.5px; }
.problem:not(:empty) { padding-bottom: 8px; }
.aside { padding: 12px 18px; border-top: 1px solid var(--line); background: var(--soft); font-size: 14px; }
.aside label { display: block; margin-top: 6px; }
.row { display: flex; gap: 8px; margin-top: 3px; }
.row input { flex: 1; min-width: 0; padding: 7px 10px; border: 1px solid var(--dim); border-radius: 8px; background: var(--bg); color: var(--ink); }
.rating { text-align: center; }
.stars { display: inline-flex; flex-direction: row; }
.stars label { position: relative; margin: 0; padding: 2px 5px; font-size: 32px; line-height: 1.2; cursor: pointer; color: #b26a00; }
.stars input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer; }
.stars label:has(:focus-visible) { outline: 3px solid #2a7de1; border-radius: 8px; }
.stars:has(:checked) label:has(:checked) ~ label, .stars:not(:has(:checked)) label { color: var(--dim); }
.stars:hover label { color: #b26a00; } .stars label:hover ~ label { color: var(--dim); }
:host([data-theme="dark"]) .stars label:has(:checked) { color: #ffc35a; }
.composer { display: flex; align-items: flex-end; gap: 4px; padding: 8px 8px max(8px, env(safe-area-inset-bottom)); border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; resize: none; padding: 9px 12px; border: 1px solid var(--dim); border-radius: 10px; background: var(--bg); color: var(--ink); font-size: 16px; line-height: 1.35; height: 42px; max-height: 140px; }
textarea::placeholder { color: var(--dim); opacity: 1; }
.send { background: var(--accent); color: var(--on-accent); }
@media (max-width: 520px) { .panel { inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { .bubble, .send, .text { border: 1px solid; } }
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** The page's colour, with the text colour that can be read on it. */
export function accentSheet(color) {
  const accent = new CSSStyleSheet();
  const [, hex] = /^#?([0-9a-f]{6})$/i.exec(color ?? "") ?? [];
  if (hex) {
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    accent.replaceSync(`:host { --accent: #${hex}; --on-accent: ${light > 0.18 ? "#000" : "#fff"}; --accent-text: var(--ink); }`);
  }
  return accent;
}
