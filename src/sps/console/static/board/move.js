// Moving a card: shown at once, taken back when the console refuses, undone by one key.
import { announce, reload, toast } from "../js/dom.js";
import { recount, release, seat } from "../js/place.js";
import { change, say, title } from "./words.js";

// Where a card can be put back to, by the column that it came from.
const BACK = { planning: "planning", backlog: "backlog", ready: "ready", active: "ready" };
let last = null;

export function ways(card) {
  return (card.dataset.to || "").split(" ").filter(Boolean);
}

// Move a card to a column; `from` is the list it came from, which a drag has left already.
export async function moveCard(card, column, from = card.parentElement) {
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
    last = BACK[source] ? { number, column: BACK[source] } : null;
    const text = say("Moved", { n: number, column: title(column) });
    announce(text);
    toast(text, { undo: last && { label: say("Undo"), act: undo } });
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

export async function undo() {
  if (!last) {
    announce(say("Nothing"));
    return;
  }
  const { number, column } = last;
  last = null;
  try {
    await change(`cards/${number}/move`, { column });
    announce(say("Back", { n: number, column: title(column) }));
    toast(say("Back", { n: number, column: title(column) }));
  } catch (error) {
    toast(error.message, { kind: "bad" });
  }
}
