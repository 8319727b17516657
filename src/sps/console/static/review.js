// The queue: a, r and n stand at the buttons themselves; remarks on lines are those of a card's page.
import { files } from "./card/files.js";
import { keys } from "./card/keys.js";
import { noting, restore } from "./card/notes.js";
import { viewed, viewing } from "./card/viewed.js";
import { reload } from "./js/dom.js";

noting();
viewing();
files();
keys("np");

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#ask > summary")?.parentElement;
  if (box && !box.open) window.requestAnimationFrame(() => document.getElementById("r-comment")?.focus());
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.id !== "r-comment") return;
  const box = document.getElementById("ask");
  box.open = false;
  box.querySelector("summary").focus();
});
// What was decided is no longer here: a text that still has the cursor would keep it on the page.
document.addEventListener("sps:sent", (event) => {
  if (event.target.id !== "review") return;
  document.activeElement?.blur();
  document.getElementById("ask")?.removeAttribute("open");
  for (const field of document.querySelectorAll("#review [data-draft]")) field.dataset.draft = "";
  if (window.location.search) window.history.replaceState(null, "", "/review");
  reload(0).catch(() => {});
});
document.addEventListener("sps:fresh", (event) => {
  if (event.target.id !== "review-now") return;
  viewed();
  restore();
});
document.addEventListener("sps:unfolded", () => { viewed(); restore(); });
