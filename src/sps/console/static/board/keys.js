// The board by keys: one tab stop a column, arrows and h j k l between cards, capitals move them.
import { announce, toast } from "../js/dom.js";
import { typing } from "../js/keys.js";
import { openMenu } from "./menu.js";
import { arrived, moveCard, ways } from "./move.js";
import { openPeek } from "./peek.js";
import { pick, unpick } from "./pick.js";
import { say } from "./words.js";

const ARROWS = { ArrowLeft: "h", ArrowDown: "j", ArrowUp: "k", ArrowRight: "l" };
const KEYS = new Set([..."hjklHJKLxm.ers ", "Escape"]);
const cards = (list) => [...list.querySelectorAll("[data-card]")];
const stops = (card) => card.querySelectorAll("a, input");

// Of each column only the card that was visited last, or the first, can be reached by Tab.
function rove(list, current) {
  const all = cards(list);
  const chosen = all.includes(current) ? current : all.find((one) => one.dataset.current !== undefined) || all[0];
  for (const card of all) {
    card.toggleAttribute("data-current", card === chosen);
    for (const stop of stops(card)) stop.tabIndex = card === chosen ? 0 : -1;
  }
}

function go(card) {
  const link = card?.querySelector("h4 a");
  if (!link) return;
  link.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function walk(board, card, key) {
  const lists = [...board.querySelectorAll(".cards")];
  if (!card) return go(lists.flatMap(cards)[0]);
  const list = card.closest(".cards");
  const all = cards(list);
  const at = all.indexOf(card);
  if (key === "j" || key === "k") return go(all[at + (key === "j" ? 1 : -1)]);
  const step = key === "l" ? 1 : -1;
  for (let column = lists.indexOf(list) + step; lists[column]; column += step) {
    const there = cards(lists[column]);
    if (there.length) return go(there[Math.min(at, there.length - 1)]);
  }
  return undefined;
}

function carry(board, card, key) {
  if (board.dataset.may === undefined) return;
  if (key === "J" || key === "K") return stay(card, "Order");
  const keys = [...board.querySelectorAll(".cards")].map((one) => one.dataset.column);
  const at = keys.indexOf(card.closest(".cards").dataset.column);
  const sides = key === "L" ? keys.slice(at + 1) : keys.slice(0, at).reverse();
  const column = sides.find((one) => ways(card).includes(one));
  return column ? moveCard(card, column) : stay(card, "NoWay");
}

function send(card, column) {
  if (card.parentElement.dataset.column === column) return undefined;
  return ways(card).includes(column) ? moveCard(card, column) : stay(card, "NoWay");
}

function stay(card, why) {
  const text = say(why, { n: card.dataset.card });
  announce(text);
  toast(text);
}

function act(board, card, key) {
  if ("hjkl".includes(key)) return walk(board, card, key);
  if (key === "Escape") return unpick();
  if (!card) return undefined;
  if ("HJKL".includes(key)) return arrived(card, (one) => carry(board, one, key));
  if (key === "x") return pick(card);
  if (key === " ") return openPeek(card);
  if (board.dataset.may === undefined) return undefined;
  if (key === "r") return arrived(card, (one) => send(one, "ready"));
  if (key === "s") return arrived(card, (one) => send(one, "planning"));
  if (key === "e") return window.location.assign(`${card.querySelector("h4 a").href}?edit=1`);
  return arrived(card, openMenu);
}

export function cardKeys(board) {
  const tidy = () => { for (const list of board.querySelectorAll(".cards")) rove(list, null); };
  board.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-card]");
    if (card) rove(card.closest(".cards"), card);
  });
  new MutationObserver(tidy).observe(board, { childList: true, subtree: true });
  tidy();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
    const box = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
    if (typing(event.target) && !box) return;
    const arrow = event.shiftKey ? ARROWS[event.key]?.toUpperCase() : ARROWS[event.key];
    const key = arrow || event.key;
    const card = document.activeElement?.closest?.("[data-card]");
    if (arrow && !card) return;
    if (!KEYS.has(key) || (key === " " && (!card || box))) return;
    event.preventDefault();
    act(board, card, key);
  });
}
