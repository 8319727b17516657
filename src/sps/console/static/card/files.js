// Folded files are opened in place, and how a change is shown is remembered.
import { ask, parsed, toast } from "../js/dom.js";
import { all, keep, kept, one } from "./page.js";

const HOW = "sps-diff";

async function unfold(link) {
  link.setAttribute("aria-busy", "true");
  const { text } = await ask(link.href.split("#")[0]);
  const fresh = parsed(text).getElementById(link.dataset.unfold);
  const old = document.getElementById(link.dataset.unfold);
  if (!fresh || !old) return;
  old.replaceWith(document.importNode(fresh, true));
  document.dispatchEvent(new CustomEvent("sps:unfolded"));
  document.getElementById(link.dataset.unfold)?.scrollIntoView({ block: "nearest" });
}

// Lead to the change the way it was looked at last.
function remembered() {
  const { view, space } = kept(HOW, {});
  for (const link of all(".tabs a[href$='/changes'], .chead .acts a[href$='/changes']")) {
    const to = new URL(link.href);
    if (view) to.searchParams.set("view", view);
    if (space) to.searchParams.set("space", space);
    link.href = to.pathname + to.search;
  }
}

export function files() {
  remembered();
  const compare = one("#compare");
  if (compare) compare.hidden = true;
  document.addEventListener("change", (event) => {
    if (event.target.id === "of") event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const how = target.closest("[data-view], [data-space]");
    if (how) {
      const { view = kept(HOW, {}).view, space = kept(HOW, {}).space } = how.dataset;
      keep(HOW, { ...(view ? { view } : {}), ...(space ? { space } : {}) });
    }
    const link = target.closest("[data-unfold]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    unfold(link).catch((error) => toast(error.message, { kind: "bad" }));
  });
  document.addEventListener("sps:fresh", (event) => { if (event.target.id === "card-head") remembered(); });
}
