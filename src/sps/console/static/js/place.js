// Put a card where it belongs on the board: same column and rank, replace; else take it out and in.
import { announce } from "./dom.js";

const held = new Map();

export function place(fragment, view) {
  for (const [id, text] of Object.entries(view.counts || {})) tally(document.getElementById(id), Number(text));
  const card = fragment.querySelector("[data-card]");
  if (!card) return;
  const old = document.getElementById(card.id);
  if (old && (old.classList.contains("dragging") || old.classList.contains("sortable-chosen"))) {
    held.set(card.id, [card, view]);
    return;
  }
  settle(card, old, view);
}

// Write a count of a column, and say when more of its cards are at work than should be.
function tally(count, number) {
  if (!count) return;
  count.textContent = String(number);
  const limit = Number(count.dataset.limit || 0);
  if (limit) count.closest(".tally")?.toggleAttribute("data-over", number > limit);
}

export function recount(id, by) {
  const count = document.getElementById(id);
  if (count) tally(count, Number(count.textContent) + by);
}

// Put a card into a column at its rank; false when that is past what the column has loaded.
export function seat(card, column) {
  const rank = Number(card.dataset.rank);
  const others = [...column.querySelectorAll("[data-card]")].filter((one) => one !== card);
  const next = others.find((one) => Number(one.dataset.rank) > rank);
  const end = column.querySelector("[data-more]");
  column.insertBefore(card, next || end);
  return Boolean(next || !end);
}

// What came for a card while it was dragged is shown when it is let go.
export function release(id) {
  const kept = held.get(id);
  held.delete(id);
  if (kept) settle(kept[0], document.getElementById(id), kept[1]);
}

function settle(card, old, view) {
  const column = document.getElementById(view.column);
  const focus = old && old.contains(document.activeElement) ? document.activeElement.id : "";
  if (!column || !shown(view)) {
    old?.remove();
    return;
  }
  const fresh = document.importNode(card, true);
  const box = fresh.querySelector("input[name=cards]");
  if (box) box.checked = Boolean(old?.querySelector("input[name=cards]")?.checked);
  if (old && old.parentElement === column && old.dataset.rank === fresh.dataset.rank) {
    old.replaceWith(fresh);
  } else {
    old?.remove();
    if (!seat(fresh, column)) {
      fresh.remove();
      return;
    }
  }
  fresh.classList.add("flash");
  fresh.addEventListener("animationend", () => fresh.classList.remove("flash"), { once: true });
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  if (old && old.dataset.state !== fresh.dataset.state) announce(`${fresh.dataset.number}: ${fresh.dataset.word}`);
}

// A board with a filter shows only what fits; the server said whether the card does.
function shown(view) {
  return view.fits !== false;
}
