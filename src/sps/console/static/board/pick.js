// Several cards at once: boxes that a form sends also without us.
import { toast } from "../js/dom.js";
import { told } from "../js/undo.js";
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
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const cards = picked().map((one) => Number(one.value));
    const { column, label, run } = Object.fromEntries(new FormData(form, event.submitter));
    const wanted = { cards, column: run ? "" : column, label: run ? "" : label, run: run === "true" };
    const before = places(cards);
    try {
      const { cards: done, refused } = await change("bulk", wanted);
      form.reset();
      const changed = done.map((one) => one.seq);
      told(say("Changed", { n: changed.length }), () => takeBack(wanted, changed, before));
      for (const one of refused.slice(0, 3)) toast(one.says, { kind: "bad" });
    } catch (error) {
      toast(error.message, { kind: "bad" });
    }
  });
}

// The column of each card, as far as a card can be put back there.
function places(cards) {
  const column = (seq) => document.getElementById(`c-${seq}`)?.closest(".cards").dataset.column;
  return new Map(cards.map((seq) => [seq, column(seq)]));
}

async function takeBack(wanted, changed, before) {
  if (wanted.label) await change("bulk", { cards: changed, unlabel: wanted.label });
  if (wanted.column || wanted.run) {
    for (const column of ["planning", "backlog", "ready"]) {
      const cards = changed.filter((seq) => before.get(seq) === column);
      if (cards.length) await change("bulk", { cards, column });
    }
  }
  told(say("Taken"));
}
