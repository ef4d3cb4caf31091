const dark =
  "--bg: #171c1b; --soft: #232a28; --ink: #e8eeec; --dim: #a3b0ac; --line: #38423f; --bad: #ff8a80; --star: #ffc35a; --scheme: dark;";

const css = `
:host { --accent: #0b6b5d; --on-accent: #fff; --bg: #fff; --soft: #f2f4f3; --ink: #1b2422; --dim: #586561; --line: #d9dfdc; --bad: #b3261e; --star: #b26a00; --scheme: light; }
@media (prefers-color-scheme: dark) { :host([data-theme="auto"]) { ${dark} } }
:host([data-theme="dark"]) { ${dark} }
* { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
[hidden] { display: none !important; }
svg { fill: currentColor; }
button { cursor: pointer; border: 0; background: none; padding: 0; }
:focus-visible { outline: 3px solid #2a7de1; outline-offset: 2px; }
.panel, .bubble { position: fixed; inset: auto 20px 20px auto; box-shadow: 0 4px 18px #0005; font: 15px/1.45 system-ui, sans-serif; color-scheme: var(--scheme); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.bubble { z-index: 2147483000; width: 60px; height: 60px; border-radius: 30px; background: var(--accent); color: var(--on-accent); }
.count { position: absolute; top: -4px; right: -4px; min-width: 22px; border-radius: 11px; background: #c0271d; color: #fff; font: 600 13px/22px system-ui, sans-serif; }
.panel { z-index: 2147483001; width: 384px; height: min(640px, 100dvh - 40px); max-width: none; max-height: none; padding: 0; flex-direction: column; overflow: hidden;
  background: var(--bg); color: var(--ink); border: 1px solid var(--line); border-radius: 16px; }
[open] { display: flex; }
header { display: flex; padding: 13px 9px 14px 18px; background: var(--accent); color: var(--on-accent); }
header :focus-visible { outline-color: currentColor; }
header div { flex: 1; }
h2 { font-size: 18px; font-weight: 650; }
.bar { display: flex; gap: 8px; justify-content: space-between; padding: 9px 14px; border-bottom: 1px solid var(--line); }
.plain { padding: 5px 13px; border: 1px solid var(--line); border-radius: 16px; background: var(--bg); }
button:hover { filter: brightness(.93); }
.icon { display: grid; place-items: center; width: 40px; height: 42px; border-radius: 10px; flex: none; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 14px 16px; display: flex; flex-direction: column; gap: 3px; outline-offset: -3px; }
.message { max-width: 84%; align-self: flex-start; }
.visitor { align-self: flex-end; text-align: right; }
.bar, .status, .plain, .name, .meta, .typing, .line { font-size: 13px; }
.name, .meta, .typing, .line { color: var(--dim); }
.name { margin: 9px 0 2px 4px; }
.text { display: inline-block; text-align: start; unicode-bidi: plaintext; padding: 8px 13px; border-radius: 14px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere; }
.agent .text { background: color-mix(in srgb, var(--accent) 16%, var(--bg)); }
.visitor .text { background: var(--accent); color: var(--on-accent); }
.sending .text, :disabled { opacity: .6; }
.thinks { animation: late .7s step-end; }
@keyframes late { from { visibility: hidden; } }
strong { font-weight: 650; }
.file { display: block; margin-top: 4px; }
img { max-width: 100%; max-height: 200px; border-radius: 8px; display: block; }
.meta { margin: 0 4px 4px; }
.failed .meta, .problem { color: var(--bad); }
.retry { text-decoration: underline; }
.line { align-self: center; margin: 7px 0; padding: 2px 12px; border: 1px solid var(--line); border-radius: 12px; }
.typing { min-height: 20px; }
.typing, .problem { padding: 0 18px; }
.aside:not(:empty) { padding: 12px 18px; border-top: 1px solid var(--line); background: var(--soft); }
input, textarea { padding: 8px 11px; border: 1px solid var(--dim); border-radius: 10px; background: var(--bg); font-size: 16px; }
.composer { display: flex; align-items: flex-end; gap: 6px; padding: 8px 8px max(8px, env(safe-area-inset-bottom)); border-top: 1px solid var(--line); }
textarea { unicode-bidi: plaintext; flex: 1; min-width: 0; resize: none; line-height: 1.4; height: 42px; max-height: 140px; }
::placeholder { color: var(--dim); opacity: 1; }
.send { background: var(--accent); color: var(--on-accent); }
@media (max-width: 520px) { .panel { inset: var(--top, 0) 0 auto; width: auto; height: var(--height, 100dvh); border: 0; border-radius: 0; } }
`;

/** With the page's colour, and black or white on it. */
export function sheet(color = "") {
  const style = new CSSStyleSheet();
  style.replaceSync(css + (/^#[\da-f]{6}$/i.test(color) ? accent(color) : ""));
  return style;
}

function accent(color) {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
  return `:host { --accent: ${color}; --on-accent: ${0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff"}; }`;
}
