// Builds and updates elements. What people typed enters the page here, as text nodes only.

/** An element. What is null or false is left out. */
export function h(tag, attributes = {}, ...children) {
  const element = fill(document.createElement(tag), children);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || (typeof value === "boolean" && name in element)) element[name] = value;
    else if (value || value === 0 || value === "") element.setAttribute(name, value);
  }
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = fill(document.createElementNS("http://www.w3.org/2000/svg", tag), children);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((child) => child || child === 0));
  return element;
}

/** Shows `items` in order. A node stays while its `key` does and is drawn again when its `signature` differs: not to be read out, as an `old` item. */
export function reconcile(container, items, { key, signature, draw }) {
  const held = (container.drawn ??= new Map());
  const wanted = new Set(items.map(key));
  for (const [name, node] of held) {
    if (wanted.has(name)) continue;
    node.remove();
    held.delete(name);
  }
  let cursor = container.firstChild;
  for (const item of items) {
    const name = key(item);
    const mark = signature(item);
    let node = held.get(name);
    if (node?.signature !== mark) {
      const before = node;
      node = draw(item);
      node.signature = mark;
      if (before || item.old) node.ariaLive = "off";
      held.set(name, node);
      if (before) {
        const focused = within(before).indexOf(container.getRootNode().activeElement);
        if (cursor === before) cursor = node;
        before.replaceWith(node);
        within(node)[focused]?.focus();
      }
    }
    if (node === cursor) cursor = cursor.nextSibling;
    else container.insertBefore(node, cursor);
  }
}

const within = (node) => [...node.querySelectorAll("a, button, select")];

const MARKED = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])|\*\*(.+?)\*\*/g;

/** A text as nodes: web addresses as links, **strong** words strong. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const { 0: whole, 1: href, 2: strong, index } of text.matchAll(MARKED)) {
    nodes.push(
      text.slice(from, index),
      href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, href) : h("strong", {}, strong),
    );
    from = index + whole.length;
  }
  return [...nodes, text.slice(from)];
}
