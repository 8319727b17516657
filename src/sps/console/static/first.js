// The first card of a project: what the page says follows what happens to it.
import { reload } from "./js/dom.js";

document.addEventListener("sps:event", () => {
  if (document.getElementById("first")?.dataset.cards !== "many") reload().catch(() => {});
});
