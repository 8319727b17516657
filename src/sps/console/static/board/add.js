// A new card without leaving the board: it comes to its place by the stream.
import { reload, toast } from "../js/dom.js";
import { keyOf } from "../js/forms.js";
import { doing, told } from "../js/undo.js";
import { change, say } from "./words.js";

async function add(form) {
  const { title, body = "", hold } = Object.fromEntries(new FormData(form));
  const button = form.querySelector("[type=submit]");
  if (button.ariaBusy === "true") return; // pressed twice: one card
  button.ariaBusy = "true";
  try {
    const card = await change("cards", { title, body, hold: hold === "true" }, keyOf(form));
    delete form.dataset.key;
    form.reset();
    form.closest("dialog")?.close();
    told(say("Added", { n: card.seq }));
    if (document.getElementById("live").dataset.live !== "ok") await reload(0);
  } catch (error) {
    toast(`${say("Failed")} ${error.message}`, { kind: "bad" });
  } finally {
    button.ariaBusy = null;
  }
}

export function adding(board) {
  document.addEventListener("submit", (event) => {
    if (event.target.dataset?.add === undefined) return;
    event.preventDefault();
    doing(add(event.target));
  });
  board.addEventListener("click", (event) => {
    const place = event.target.closest("details.compose > summary")?.parentElement;
    if (!place || place.open) return;
    event.preventDefault(); // opened here, so that the next key is typed into it already
    place.open = true;
    place.querySelector("input[name=title]").focus();
  });
}
