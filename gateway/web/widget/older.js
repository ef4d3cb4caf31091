// The way back through a chat of which the page holds only the newest messages. Loaded when there is one.

const PAGE = 100;
const NEAR_PX = 200;

/** For who has scrolled up to the first that is held, puts a page of older ones before it: what is looked at keeps its place. */
export function older(view) {
  const { log } = view;
  const { childElementCount, scrollTop, scrollHeight } = log;
  if (view.following || !view.from || scrollTop > NEAR_PX) return;
  view.from = Math.max(0, view.from - PAGE);
  view.changed();
  // It was said long ago, also if it was not marked as read: nothing of it is read out.
  for (const node of [...log.children].slice(0, log.childElementCount - childElementCount)) node.ariaLive = "off";
  log.scrollTop = scrollTop + log.scrollHeight - scrollHeight;
}
