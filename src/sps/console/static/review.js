// The keys a, r and n stand at the buttons themselves; here only where the cursor goes.
import { reload } from "./js/dom.js";

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#ask > summary")?.parentElement;
  if (box && !box.open) window.requestAnimationFrame(() => document.getElementById("ask-text")?.focus());
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "ask-text") return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  } else if (event.key === "Escape") {
    const box = document.getElementById("ask");
    box.open = false;
    box.querySelector("summary").focus();
  }
});
// What was decided is no longer here: a text that still has the cursor would keep it on the page.
document.addEventListener("sps:sent", () => {
  document.activeElement?.blur();
  document.getElementById("ask")?.removeAttribute("open");
  if (window.location.search) window.history.replaceState(null, "", "/review");
  reload(0).catch(() => {});
});
