// Dragging by mouse and touch. Only columns that a card can go to take it; a card finds its rank itself.
import "../vendor/sortablejs/Sortable.min.js";
import { release, seat } from "../js/place.js";
import { moveCard, ways } from "./move.js";

const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Where the pointer was last: a card that is let go over a column that cannot take it would else stay
// in the one that it passed on its way there.
let under = null;
function look(event) {
  const at = event.touches?.[0] || event;
  under = document.elementFromPoint(at.clientX, at.clientY)?.closest(".col") || null;
}
const LOOKS = ["dragover", "pointermove", "touchmove"];

function bind(list) {
  if (window.Sortable.get(list)) return;
  window.Sortable.create(list, {
    group: { name: "board", pull: true, put: (to, _, card) => ways(card).includes(to.el.dataset.column) },
    draggable: "[data-card]",
    filter: ".pick, .dots, [aria-busy]",
    preventOnFilter: false,
    sort: false,
    animation: still ? 0 : 120,
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    onStart: ({ item }) => {
      item.classList.add("dragging");
      for (const one of LOOKS) document.addEventListener(one, look, { passive: true, capture: true });
      for (const way of ways(item)) document.getElementById(`col-${way}`)?.classList.add("can");
    },
    onEnd: ({ item, from, to }) => {
      item.classList.remove("dragging");
      for (const one of LOOKS) document.removeEventListener(one, look, { capture: true });
      for (const one of document.querySelectorAll(".cards.can")) one.classList.remove("can");
      if (to !== from && under && under !== to.closest(".col")) seat(item, from);
      if (item.parentElement === from) release(item.id);
      else moveCard(item, to.dataset.column, from);
    },
  });
}

export function dragging(board) {
  if (board.dataset.may === undefined) return;
  for (const list of board.querySelectorAll(".cards")) bind(list);
  board.addEventListener("sps:fresh", (event) => {
    if (event.target.matches(".cards")) bind(event.target);
  });
}
