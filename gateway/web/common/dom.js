// Building and updating elements. Whatever a person typed enters the page here, and only as text nodes.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate", "open", "multiple", "scrollTop"]);

/** An element with attributes, listeners (`onclick`), properties and children; null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = tag === "svg" || tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.replace("svg:", "")) : document.createElement(tag);
  fill(element, children);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) element[name] = value ?? "";
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

/** Replaces an element's children. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Makes `container` show `items` in order, touching only what changed: a node is kept while its `key` stays,
 * and drawn again when its `signature` differs. Returns true if anything changed.
 */
export function reconcile(container, items, { key, signature, draw }) {
  const held = (container.drawn ??= new Map());
  const wanted = new Set(items.map(key));
  let changed = false;
  for (const [name, node] of held) {
    if (wanted.has(name)) continue;
    node.remove();
    held.delete(name);
    changed = true;
  }
  let cursor = container.firstChild;
  for (const item of items) {
    const name = key(item);
    const mark = signature(item);
    let node = held.get(name);
    if (!node || node.signature !== mark) {
      const fresh = draw(item);
      fresh.signature = mark;
      if (node) {
        const focused = node.contains(container.getRootNode().activeElement);
        if (cursor === node) cursor = node.nextSibling;
        node.replaceWith(fresh);
        if (focused) fresh.querySelector("a, button")?.focus();
        cursor ??= null;
        if (fresh.nextSibling === cursor) cursor = fresh;
      }
      held.set(name, (node = fresh));
      changed = true;
    }
    if (node === cursor) cursor = cursor.nextSibling;
    else container.insertBefore(node, cursor);
  }
  return changed;
}
