// A card in short, in a dialog over the board.
import { ask, parsed, toast } from "../js/dom.js";

export async function openPeek(card) {
  const dialog = document.getElementById("peek");
  const link = card.querySelector("h4 a");
  try {
    const { text } = await ask(`${link.getAttribute("href")}/peek`);
    document.getElementById("peek-in").replaceChildren(...parsed(text).body.childNodes);
    document.getElementById("peek-open").href = link.href;
    dialog.dataset.card = card.id;
    dialog.showModal();
    document.getElementById("peek-open").focus();
  } catch (error) {
    toast(error.message, { kind: "bad" });
  }
}

export function peeking() {
  const dialog = document.getElementById("peek");
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.matches("a, button, input, textarea")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    document.getElementById(dialog.dataset.card)?.querySelector("h4 a")?.focus({ preventScroll: true });
  });
}
