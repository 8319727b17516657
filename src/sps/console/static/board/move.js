// Moving a card: shown at once, taken back when the console refuses, undone by one key.
import { announce, reload, toast } from "../js/dom.js";
import { doing, told } from "../js/undo.js";
import { recount, release, seat } from "../js/place.js";
import { change, say, title } from "./words.js";

// Where a card can be put back to, by the column that it came from.
export const BACK = { planning: "planning", backlog: "backlog", ready: "ready", active: "ready" };

export function ways(card) {
  return (card.dataset.to || "").split(" ").filter(Boolean);
}

// Move a card to a column; `from` is the list it came from, which a drag has left already.
export function moveCard(card, column, from = card.parentElement) {
  return doing(move(card, column, from));
}

async function move(card, column, from) {
  const number = Number(card.dataset.card);
  const target = document.getElementById(`col-${column}`);
  if (!target || target === from) return;
  const version = Number(card.dataset.version);
  const source = from.dataset.column;
  shift(card, from, target);
  try {
    const now = await change(`cards/${number}/move`, { column, version });
    const there = document.getElementById(card.id);
    if (there === card) card.dataset.version = now.version;
    const before = BACK[source];
    told(say("Moved", { n: number, column: title(column) }), before ? () => putBack(number, before) : null);
  } catch (error) {
    if (document.getElementById(card.id) === card) shift(card, target, from);
    announce(`${error.message} ${say("Back", { n: number, column: title(source) })}`);
    toast(error.message, { kind: "bad" });
    if (error.status === 409) await reload(0).catch(() => {});
  } finally {
    card.removeAttribute("aria-busy");
    release(card.id);
  }
}

function shift(card, from, target) {
  const focus = card.contains(document.activeElement) ? document.activeElement.id : "";
  card.setAttribute("aria-busy", "true");
  seat(card, target);
  recount(`n-${from.dataset.column}`, -1);
  recount(`n-${target.dataset.column}`, 1);
  if (focus) document.getElementById(focus)?.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function putBack(number, column) {
  await change(`cards/${number}/move`, { column });
  told(say("Back", { n: number, column: title(column) }));
}
