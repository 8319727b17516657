// Choosing lines: by a click on a number, with Shift up to another one, or by touching the code.
import { all, one } from "./page.js";
import { between, named, placed } from "./places.js";

let chosen = null;
const touch = () => window.matchMedia("(pointer: coarse)").matches;

export function choice() {
  return chosen;
}

export function choose(line, extend = false) {
  const at = placed(line);
  const same = extend && chosen && chosen.path === at.path;
  const anchor = same ? chosen.anchor : at.line;
  chosen = { path: at.path, anchor, first: Math.min(anchor, at.line), last: Math.max(anchor, at.line) };
  show(line);
  return chosen;
}

export function unchoose() {
  chosen = null;
  show(null);
}

function show(line) {
  for (const old of all("tr.chosen-line")) old.classList.remove("chosen-line");
  const bar = one("#chosen");
  if (!chosen) {
    if (bar) bar.hidden = true;
    return;
  }
  const rows = between(chosen.path, chosen.first, chosen.last);
  for (const found of rows.length ? rows : [line]) found?.classList.add("chosen-line");
  if (!bar) return;
  const words = chosen.last > chosen.first ? bar.dataset.many : bar.dataset.one;
  one("span", bar).textContent = words.replace("{n}", String(chosen.first)).replace("{m}", String(chosen.last));
  bar.title = named(chosen.path, chosen.first, chosen.last);
  bar.hidden = false;
}

// Call `comment` with what was chosen when somebody wants to say something about it.
export function choosing(comment) {
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element) || !one("#note-row")) return;
    const link = target.closest("[data-note]");
    const line = target.closest("tr[data-line]");
    if (link && line) {
      event.preventDefault();
      choose(line, event.shiftKey);
      if (!touch()) comment(chosen);
    } else if (line && touch() && target.closest("td.cd")) choose(line, Boolean(chosen));
    else if (target.closest("#chosen [data-comment]") && chosen) comment(chosen);
    else if (target.closest("#chosen [data-unchoose]")) unchoose();
  });
}
