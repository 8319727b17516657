// The next window of a column, in place: when its end comes near, or at a press.
import { ask, parsed, toast } from "../js/dom.js";

async function load(end) {
  if (end.dataset.busy) return;
  end.dataset.busy = "1";
  try {
    const { text } = await ask(end.querySelector("a").href);
    const rows = [...parsed(text).querySelectorAll("[data-card], [data-more]")];
    const fresh = rows.filter((one) => !one.id || !document.getElementById(one.id));
    end.replaceWith(...fresh.map((one) => document.importNode(one, true)));
  } catch (error) {
    delete end.dataset.busy;
    toast(error.message, { kind: "bad" });
  }
}

export function paging(board) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const list = entry.target.parentElement;
      if (entry.isIntersecting && list && list.scrollTop > 0) load(entry.target);
    }
  }, { rootMargin: "300px" });
  const watch = () => { for (const end of board.querySelectorAll("[data-more]")) seen.observe(end); };
  new MutationObserver(watch).observe(board, { childList: true, subtree: true });
  watch();
  board.addEventListener("click", (event) => {
    const end = event.target.closest("[data-more] a") && event.target.closest("[data-more]");
    if (!end) return;
    event.preventDefault();
    load(end);
  });
}
