// Several cards at once: boxes that a form sends also without us.
import { announce, toast } from "../js/dom.js";
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
    const { column, label } = Object.fromEntries(new FormData(form));
    try {
      const { cards: done, refused } = await change("bulk", { cards, column, label });
      form.reset();
      const text = say("Changed", { n: done.length });
      announce([text, ...refused.map((one) => one.says)].join(" "));
      toast(text);
      for (const one of refused.slice(0, 3)) toast(one.says, { kind: "bad" });
    } catch (error) {
      toast(error.message, { kind: "bad" });
    }
  });
}
