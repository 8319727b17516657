// Put a card where it belongs on the board: same column and rank, replace; else take it out and in.
import { announce } from "./dom.js";

const held = new Map();

export function place(fragment, view) {
  for (const [id, text] of Object.entries(view.counts || {})) {
    const count = document.getElementById(id);
    if (count) count.textContent = text;
  }
  const card = fragment.querySelector("[data-card]");
  if (!card) return;
  const old = document.getElementById(card.id);
  if (old && (old.classList.contains("dragging") || old.classList.contains("sortable-chosen"))) {
    held.set(card.id, [card, view]);
    return;
  }
  settle(card, old, view);
}

// What came for a card while it was dragged is shown when it is let go.
export function release(id) {
  const kept = held.get(id);
  held.delete(id);
  if (kept) settle(kept[0], document.getElementById(id), kept[1]);
}

function settle(card, old, view) {
  const column = document.getElementById(view.column);
  const fresh = document.importNode(card, true);
  const focused = old && old.contains(document.activeElement);
  if (!column || !shown(view)) {
    old?.remove();
    return;
  }
  if (old && old.parentElement === column && old.dataset.rank === fresh.dataset.rank) {
    old.replaceWith(fresh);
  } else {
    old?.remove();
    const rank = Number(fresh.dataset.rank);
    const next = [...column.querySelectorAll("[data-card]")].find((one) => Number(one.dataset.rank) > rank);
    const end = column.querySelector("[data-more]");
    if (!next && end) return;
    column.insertBefore(fresh, next || end);
  }
  fresh.classList.add("flash");
  fresh.addEventListener("animationend", () => fresh.classList.remove("flash"), { once: true });
  if (focused) fresh.querySelector("a")?.focus({ preventScroll: true });
  if (old && old.dataset.state !== fresh.dataset.state) announce(`${fresh.dataset.number}: ${fresh.dataset.word}`);
}

// A board with a filter shows only what fits; the server said whether the card does.
function shown(view) {
  return view.fits !== false;
}
