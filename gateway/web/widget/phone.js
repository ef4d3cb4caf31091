// The chat on a phone. Loaded when it opens on one.

const fitted = new WeakSet();

/** Keeps it above the phone's keyboard. Who zooms in sees a part of it. */
export function fit(panel) {
  const place = () => {
    const { scale, offsetTop, height } = visualViewport;
    if (scale < 1.01) panel.style.cssText = `--top: ${offsetTop}px; --height: ${height}px`;
  };
  place();
  if (fitted.has(panel)) return;
  fitted.add(panel);
  for (const change of ["resize", "scroll"]) visualViewport.addEventListener(change, place);
}
