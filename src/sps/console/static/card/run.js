// A run as it happens: new turns are fetched from where the page has come to.
import { ask, busy, parsed, reload, toast } from "../js/dom.js";
import { all, one, scroller } from "./page.js";

const EVERY_MS = 1000;
const SILENT_MS = 60000;

function atEnd() {
  const place = scroller();
  return place.scrollHeight - place.scrollTop - place.clientHeight < 160;
}

function toEnd() {
  const place = scroller();
  place.scrollTop = place.scrollHeight;
}

function take(turns, part) {
  for (const fresh of [...part.children]) {
    const old = document.getElementById(fresh.id);
    const copy = document.importNode(fresh, true);
    if (!old) turns.append(copy);
    else if (old.innerHTML !== fresh.innerHTML) {
      const details = one("details", copy);
      if (details && one("details", old)?.open) details.open = true;
      old.replaceWith(copy);
    }
  }
  turns.dataset.next = part.dataset.next;
  turns.dataset.live = part.dataset.live;
  if (part.children.length) turns.dataset.heard = String(Date.now());
}

async function fetched(turns, offset) {
  const query = new URLSearchParams({ run: turns.dataset.run, offset, part: "1" });
  const { text } = await ask(`${one(".cardpage").dataset.path}/run?${query}`);
  return parsed(text).getElementById("turns-part");
}

async function poll() {
  const turns = one("#turns");
  if (!turns?.dataset.live || document.hidden) return;
  const part = await fetched(turns, turns.dataset.next);
  if (!part) return;
  const held = atEnd();
  const before = turns.children.length;
  take(turns, part);
  filter();
  if (turns.children.length > before) {
    if (one("#follow")?.checked && held) toEnd();
    else if (!held) one("#latest").hidden = false;
  }
  silence(turns, part.dataset.silent);
  asks(part.dataset.asks);
  if (!turns.dataset.live) reload().catch(() => {});
}

function silence(turns, since) {
  const place = one("#silent");
  if (!place) return;
  const quiet = Date.now() - Number(turns.dataset.heard || Date.now()) > SILENT_MS;
  place.hidden = !(turns.dataset.live && (since || (quiet && !place.hidden)));
  if (since) place.textContent = `${place.dataset.says} ${since.slice(11, 19)}`;
}

// What the agent asks stands where the answer is written.
function asks(question) {
  const place = one("#asks");
  if (!place) return;
  place.hidden = !question;
  one("span", place).textContent = question || "";
}

// Show what the choice and the words ask for, and say how many turns that are.
function filter() {
  const turns = one("#turns");
  const only = one("#only");
  if (!turns || !only) return;
  tools(turns, only);
  turns.dataset.only = only.value.startsWith("tool:") ? "tool" : only.value;
  const tool = turns.dataset.only === "tool" ? only.value.slice(5) : "";
  const word = (one("#find")?.value || "").trim().toLowerCase();
  let count = 0;
  for (const turn of turns.children) {
    const fits = (!tool || turn.dataset.tool === tool) && (!word || turn.textContent.toLowerCase().includes(word));
    turn.classList.toggle("unfound", !fits);
    count += fits;
  }
  const sum = one("#found");
  if (sum) sum.textContent = word || tool ? sum.dataset.says.replace("{n}", String(count)).replace("{m}", String(turns.children.length)) : "";
}

// Offer each kind of tool that this run has used.
function tools(turns, only) {
  const known = new Set([...only.options].map((option) => option.value));
  for (const kind of new Set(all("[data-tool]", turns).map((turn) => turn.dataset.tool))) {
    if (kind && !known.has(`tool:${kind}`)) only.append(new Option(kind, `tool:${kind}`));
  }
}

async function more(link) {
  const turns = one("#turns");
  link.setAttribute("aria-busy", "true");
  const part = await fetched(turns, link.dataset.more);
  if (!part) return;
  take(turns, part);
  filter();
  link.removeAttribute("aria-busy");
  if (part.dataset.more) {
    link.dataset.more = part.dataset.more;
    link.href = link.href.replace(/offset=\d+/, `offset=${part.dataset.more}`);
  } else link.closest("p").remove();
}

// A newer attempt has begun, and nobody asked for this one by name: show the newer one, but not while
// a message is written here.
export function newest() {
  const turns = one("#turns");
  const latest = one("#runs")?.dataset.latest;
  if (!turns || !latest || latest === turns.dataset.run) return;
  if (new URLSearchParams(window.location.search).has("run") || busy(document.body)) return;
  window.location.reload();
}

export function running() {
  if (!one("#turns")?.dataset.run) return;
  document.documentElement.classList.add("js");
  filter();
  one("#only")?.addEventListener("change", filter);
  one("#find")?.addEventListener("input", filter);
  one("#latest")?.addEventListener("click", () => { toEnd(); one("#latest").hidden = true; });
  scroller().addEventListener("scroll", () => { if (atEnd() && one("#latest")) one("#latest").hidden = true; }, { passive: true });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-more]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    more(link).catch((error) => toast(error.message, { kind: "bad" }));
  });
  let going = false;
  window.setInterval(() => {
    newest();
    if (going) return;
    going = true;
    poll().catch(() => {}).finally(() => { going = false; });
  }, EVERY_MS);
}
