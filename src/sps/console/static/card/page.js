// What the parts of a card's page share: finding things, and remembering them for this browser.
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const seen = (item) => item.offsetParent !== null;

// The card that is looked at; in the queue it becomes another one without a new page.
export function number() {
  return one("[data-number]")?.dataset.number || "";
}

export function scroller() {
  return one(".page");
}

// Another home may be served at this address tomorrow: what is kept is kept for the home of this page.
const ours = (name) => `${name} of ${document.body.dataset.home}`;

// What this browser keeps under a name, as JSON; a full or forbidden storage keeps nothing.
export function kept(name, otherwise) {
  try {
    const found = JSON.parse(window.localStorage.getItem(ours(name)) || "null");
    return found && typeof found === "object" ? found : otherwise;
  } catch { return otherwise; }
}

export function keep(name, value) {
  try {
    if (!value || !Object.keys(value).length) window.localStorage.removeItem(ours(name));
    else window.localStorage.setItem(ours(name), JSON.stringify(value));
  } catch { /* it is forgotten with this page, nothing else */ }
}
