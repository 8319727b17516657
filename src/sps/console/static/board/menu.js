// Dialogs, and the menu of a card: every move without dragging.
import { moveCard, ways } from "./move.js";
import { openPeek } from "./peek.js";
import { pick } from "./pick.js";

export function openMenu(card) {
  const menu = document.getElementById("menu");
  if (!menu) return;
  menu.dataset.card = card.id;
  document.getElementById("menu-h").textContent = `${card.dataset.card} ${card.querySelector("h4").textContent}`;
  document.getElementById("menu-open").href = card.querySelector("h4 a").href;
  document.getElementById("menu-edit").href = `${card.querySelector("h4 a").href}?edit=1`;
  const possible = ways(card);
  for (const button of menu.querySelectorAll("button[type=submit]")) button.hidden = !possible.includes(button.value);
  menu.showModal();
  (menu.querySelector("button[type=submit]:not([hidden])") || document.getElementById("menu-open")).focus();
}

function chosen() {
  const card = document.getElementById(document.getElementById("menu").dataset.card);
  document.getElementById("menu").close();
  card?.querySelector("h4 a")?.focus({ preventScroll: true });
  return card;
}

export function menus(board) {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-open]");
    const dots = event.target.closest?.("[data-menu]");
    const closer = event.target.closest?.("[data-close]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!plain || !(opener || dots || closer)) return;
    event.preventDefault();
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    else if (dots) openMenu(dots.closest("[data-card]"));
    else closer.closest("dialog")?.close();
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open], details.compose[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.menu[open], details.compose[open]");
    if (!open) return;
    event.preventDefault();
    open.open = false;
    open.querySelector("summary").focus();
  });
  const menu = document.getElementById("menu");
  if (!menu || board.dataset.may === undefined) return;
  menu.addEventListener("submit", (event) => {
    event.preventDefault();
    const card = chosen();
    if (card) moveCard(card, event.submitter.value);
  });
  for (const [id, act] of [["menu-pick", pick], ["menu-peek", openPeek]]) {
    document.getElementById(id).addEventListener("click", () => {
      const card = chosen();
      if (card) act(card);
    });
  }
}
