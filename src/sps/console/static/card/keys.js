// The keys of a card: to the next change, failure or file, and what can be done there.
import { typing } from "../js/keys.js";
import { unchoose } from "./lines.js";
import { here, leave } from "./notes.js";
import { all, one, scroller, seen } from "./page.js";

function step(selector, way) {
  const found = all(selector).filter(seen);
  if (!found.length) return;
  const middle = scroller().getBoundingClientRect().top + 60;
  const past = found.filter((item) => item.getBoundingClientRect().top < middle - 4);
  const index = way > 0
    ? found.findIndex((item) => item.getBoundingClientRect().top > middle + 4)
    : past.length - 1;
  const next = found[index < 0 ? (way > 0 ? found.length - 1 : 0) : index];
  next.scrollIntoView({ block: "start" });
  const focus = one("a, summary, input", next) || one("a", next.nextElementSibling || next);
  focus?.focus({ preventScroll: true });
}

// What n and p lead through: failures of a run, red gates, else the places that change.
function stops() {
  if (one("#turns")) return ".turn:has([data-status=failed])";
  return one("#gates") ? ".gate-box" : "tr.h";
}

const KEYS = {
  j: () => step("section.file", 1),
  k: () => step("section.file", -1),
  n: () => step(stops(), 1),
  p: () => step(stops(), -1),
  c: here,
  v: () => one("[data-viewed]", document.activeElement.closest?.("section.file") || one("section.file:not(.done)") || document)?.click(),
  f: () => one("#follow")?.click(),
  i: () => one("#say-text")?.focus(),
  R: () => one("#r-comment")?.focus(),
};

// `without`: keys that mean something else on this page.
export function keys(without = "") {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.dataset?.send !== undefined) {
      event.preventDefault();
      const form = event.target.dataset.send ? document.getElementById(event.target.dataset.send) : event.target.form;
      form?.requestSubmit(one("[data-by-key]", form) || undefined);
      return;
    }
    if (event.key === "Escape") {
      if (!leave(event.target)) unchoose();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
    if ((typing(event.target) && !box) || document.documentElement.dataset.keys === "off") return;
    if (one("dialog[open]") || without.includes(event.key)) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
