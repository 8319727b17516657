// The command palette: a dialog with a field and a listbox; the server ranks what fits.
import { ask, announce, parsed, toast } from "./dom.js";

const PAUSE_MS = 60;

export function palette(root) {
  const dialog = root.getElementById("palette");
  const field = root.getElementById("palette-q");
  const list = root.getElementById("palette-list");
  if (!dialog || !field || !list) return;
  let chosen = -1;
  let asked = 0;
  let timer = 0;
  let waiting = false;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    const all = options();
    all[chosen]?.setAttribute("aria-selected", "false");
    chosen = all.length ? (index + all.length) % all.length : -1;
    const one = all[chosen];
    if (!one) return field.removeAttribute("aria-activedescendant");
    one.setAttribute("aria-selected", "true");
    one.scrollIntoView({ block: "nearest" });
    return field.setAttribute("aria-activedescendant", one.id);
  };
  const look = async () => {
    const mine = ++asked;
    const { text } = await ask(`/palette?${new URLSearchParams({ q: field.value })}`);
    if (mine !== asked) return;
    waiting = false;
    list.replaceChildren(...parsed(text).body.childNodes);
    chosen = -1;
    choose(0);
    const count = options().length;
    list.dataset.none = count ? "" : field.dataset.none;
    announce(count ? field.dataset.count.replace("{count}", String(count)) : field.dataset.none);
  };
  const soon = () => {
    waiting = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => look().catch((error) => toast(error.message, { kind: "bad" })), PAUSE_MS);
  };
  const open = () => {
    if (dialog.open) return dialog.close();
    if (root.querySelector("dialog[open]")) return undefined;
    dialog.showModal();
    field.select();
    return soon();
  };
  // Who types fast and presses Enter means what was typed, not what was found before.
  const enter = async () => {
    if (waiting) {
      window.clearTimeout(timer);
      await look();
    }
    const one = options()[chosen];
    if (one) await act(one);
  };
  const act = async (one) => {
    dialog.close();
    if (one.dataset.field) {
      await ask(one.dataset.to, { method: "POST", body: new URLSearchParams({ [one.dataset.field]: one.dataset.value }) });
      window.location.reload();
      return;
    }
    const here = window.location.pathname;
    window.location.assign(one.dataset.to);
    if (new URL(one.dataset.to, window.location.href).pathname === here) openFragment();
  };

  field.addEventListener("input", soon);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Enter") enter().catch((error) => toast(error.message, { kind: "bad" }));
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const one = event.target.closest("[role=option]");
    if (one) act(one).catch((error) => toast(error.message, { kind: "bad" }));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  root.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-palette]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  openFragment();
}

// An address may name a dialog of its page, such as the one for a new card.
function openFragment() {
  const id = window.location.hash.slice(1);
  const named = id ? document.getElementById(id) : null;
  if (named instanceof HTMLDialogElement && !named.open) named.showModal();
}
