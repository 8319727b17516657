// Several cards at once: boxes that a form sends also without us.
import { toast } from "../js/dom.js";
import { doing, told } from "../js/undo.js";
import { BACK } from "./move.js";
import { change, say } from "./words.js";

const boxes = () => [...document.querySelectorAll('#board input[name="cards"]')];
const picked = () => boxes().filter((one) => one.checked);

function tell() {
  const place = document.getElementById("picked");
  const text = picked().length ? say("Picked", { n: picked().length }) : "";
  if (place && place.textContent !== text) place.textContent = text;
}

export function pick(card) {
  const box = card.querySelector('input[name="cards"]');
  if (!box) return;
  box.checked = !box.checked;
  tell();
}

export function unpick() {
  for (const box of boxes()) box.checked = false;
  tell();
}

export function picking(board) {
  const form = document.getElementById("bulk");
  if (!form) return;
  board.addEventListener("change", tell);
  new MutationObserver(tell).observe(board, { childList: true, subtree: true });
  form.addEventListener("reset", () => window.setTimeout(unpick));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    doing(bulk(form, event.submitter));
  });
}

async function bulk(form, submitter) {
  const cards = picked().map((one) => Number(one.value));
  const { column, label, run } = Object.fromEntries(new FormData(form, submitter));
  const wanted = { cards, column: run ? "" : column, label: run ? "" : label, run: run === "true" };
  try {
    const { labelled, moved, refused } = await change("bulk", wanted);
    form.reset();
    document.getElementById(`a-${cards[0]}`)?.focus({ preventScroll: true }); // the form goes away
    const n = new Set([...labelled, ...Object.values(moved).flat()]).size;
    const steps = opposite(wanted.label, labelled, moved);
    told(say(n === 1 ? "ChangedOne" : "Changed", { n }), steps.length ? () => takeBack(steps) : null);
    for (const one of refused.slice(0, 3)) toast(one.says, { kind: "bad" });
  } catch (error) {
    toast(error.message, { kind: "bad" });
  }
}

// What takes back exactly what was changed: a card that had the label keeps it, one that stood there
// stays, and one that cannot be put back is left alone.
function opposite(label, labelled, moved) {
  const steps = labelled.length ? [{ cards: labelled, unlabel: label }] : [];
  for (const [column, cards] of Object.entries(moved)) {
    if (BACK[column]) steps.push({ cards, column: BACK[column] });
  }
  return steps;
}

async function takeBack(steps) {
  for (const step of steps) await change("bulk", step);
  told(say("Taken"));
}
