// The frame of a page: the sidebar folds, a phone has a sheet, and the numbers in it follow what happens.
import { ask, parsed, takeOver } from "./dom.js";
import { fold } from "./keys.js";

const CALM_MS = 3000;

export function shell(root) {
  const button = root.querySelector("[data-fold]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", fold);
  }
  root.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-sheet]");
    const sheet = root.getElementById("sheet");
    if (event.target === sheet || event.target.closest?.("#sheet a")) sheet.close();
    if (!opener || !sheet || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    sheet.showModal();
  });
  let timer = 0;
  root.addEventListener("sps:event", () => {
    if (timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      if (root.getElementById("board")) count(root).catch(() => {});
    }, CALM_MS);
  });
  root.addEventListener("sps:back", () => count(root).catch(() => {})); // the console may be another one
}

// Boards take over single cards and never load themselves again: their sidebar is asked for alone.
async function count(root) {
  const query = new URLSearchParams(root.getElementById("side").dataset.where);
  const { text } = await ask(`/nav?${query}`);
  takeOver(parsed(text));
}
