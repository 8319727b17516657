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

const under = new Map();

// Call `act` with a card once it stands where it was sent to last. What is asked of it on its way is
// meant for whatever it becomes there, so that is bound to no version.
export function arrived(card, act) {
  const going = under.get(card.id);
  return doing(Promise.resolve(going).then(() => {
    const there = document.getElementById(card.id) || card;
    if (going) there.dataset.version = "";
    return act(there);
  }));
}

// Move a card to a column; `from` is the list it came from, which a drag has left already.
export function moveCard(card, column, from = card.parentElement) {
  const moving = doing(move(card, column, from)).finally(() => {
    if (under.get(card.id) === moving) under.delete(card.id);
  });
  under.set(card.id, moving);
  return moving;
}

async function move(card, column, from) {
  const number = Number(card.dataset.card);
  const target = document.getElementById(`col-${column}`);
  if (!target || target === from) return;
  const version = card.dataset.version ? Number(card.dataset.version) : null;
  const source = from.dataset.column;
  shift(card, from, target);
  try {
    const now = await change(`cards/${number}/move`, { column, version });
    const there = document.getElementById(card.id);
    if (there === card) Object.assign(card.dataset, { version: now.version, to: now.to.join(" ") });
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
