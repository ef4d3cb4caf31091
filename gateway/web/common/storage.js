// What the browser keeps for the site; where it keeps nothing (blocked, or full), it is kept as long as the page.

function granted(name) {
  try {
    const storage = window[name];
    storage.livesupport = "";
    delete storage.livesupport;
    return storage;
  } catch {
    return {};
  }
}

export const local = granted("localStorage");
export const session = granted("sessionStorage");
