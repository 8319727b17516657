// Menus close when somebody looks elsewhere; what can be copied is.
import { announce } from "../js/dom.js";
import { all, one } from "./page.js";

export function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const copy = event.target.closest?.("[data-copy], [data-copies]");
    if (!copy) return;
    const from = copy.dataset.copies ? document.getElementById(copy.dataset.copies) : null;
    const text = from ? from.textContent : copy.dataset.copy;
    navigator.clipboard?.writeText(text || "").then(() => announce(copy.textContent)).catch(() => {});
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      one("summary", menu).focus();
    }
  });
}
