// A card's page beyond reading it: the run as it happens, remarks on lines, keys.
import { announce, ask, parsed, reload } from "./js/dom.js";
import { typing } from "./js/keys.js";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const card = one(".cardpage");
const number = card?.dataset.number || "";

// --- the run ----------------------------------------------------------------------------------

const EVERY_MS = 1000;
const SILENT_MS = 60000;

function scroller() {
  return one(".page");
}

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

async function poll() {
  const turns = one("#turns");
  if (!turns?.dataset.live || document.hidden) return;
  const query = new URLSearchParams({ run: turns.dataset.run, offset: turns.dataset.next, part: "1" });
  const { text } = await ask(`${card.dataset.path}/run?${query}`);
  const part = parsed(text).getElementById("turns-part");
  if (!part) return;
  const follow = one("#follow");
  const held = atEnd();
  const before = turns.children.length;
  take(turns, part);
  filter();
  if (turns.children.length > before) {
    if (follow?.checked && held) toEnd();
    else if (!held) one("#latest").hidden = false;
  }
  silence(turns, part.dataset.silent);
  if (!turns.dataset.live) reload().catch(() => {});
}

function silence(turns, since) {
  const place = one("#silent");
  if (!place) return;
  const quiet = Date.now() - Number(turns.dataset.heard || Date.now()) > SILENT_MS;
  const show = Boolean(turns.dataset.live) && (Boolean(since) || (quiet && !place.hidden));
  place.hidden = !show;
  if (since) place.textContent = `${place.dataset.says} ${since.slice(11, 19)}`;
}

function filter() {
  const turns = one("#turns");
  if (!turns) return;
  turns.dataset.only = one("#only")?.value || "";
  const word = (one("#find")?.value || "").toLowerCase();
  for (const turn of turns.children) turn.classList.toggle("unfound", Boolean(word) && !turn.textContent.toLowerCase().includes(word));
}

function run() {
  const turns = one("#turns");
  if (!turns) return;
  const tools = one("#run-tools");
  if (tools) tools.hidden = false;
  one("#only")?.addEventListener("change", filter);
  one("#find")?.addEventListener("input", filter);
  one("#latest")?.addEventListener("click", () => { toEnd(); one("#latest").hidden = true; });
  scroller().addEventListener("scroll", () => { if (atEnd() && one("#latest")) one("#latest").hidden = true; }, { passive: true });
  let busy = false;
  window.setInterval(() => {
    if (busy) return;
    busy = true;
    poll().catch(() => {}).finally(() => { busy = false; });
  }, EVERY_MS);
}

// A newer attempt has begun, and nobody asked for this one by name: show the newer one.
function newest() {
  const turns = one("#turns");
  const latest = one("#runs")?.dataset.latest;
  if (!turns || !latest || latest === turns.dataset.run) return;
  if (!new URLSearchParams(window.location.search).has("run")) window.location.reload();
}

// --- the change -------------------------------------------------------------------------------

const store = {
  get key() { return `sps-notes ${number}`; },
  read() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(this.key) || "{}");
      return { comment: String(kept.comment || ""), notes: kept.notes && typeof kept.notes === "object" ? kept.notes : {} };
    } catch { return { comment: "", notes: {} }; }
  },
  write(kept) {
    try {
      if (!kept.comment && !Object.keys(kept.notes).length) window.localStorage.removeItem(this.key);
      else window.localStorage.setItem(this.key, JSON.stringify(kept));
    } catch { /* a full or forbidden storage costs the draft its life after a reload, nothing else */ }
  },
};

function row(place) {
  return all("tr[data-place]").find((found) => found.dataset.place === place);
}

function open(line, focus = true) {
  const next = line.nextElementSibling;
  if (next?.classList.contains("note-row")) {
    if (focus) one("textarea", next).focus();
    return;
  }
  const template = one("#note-row");
  if (!template) return;
  const made = document.importNode(template.content.firstElementChild, true);
  const field = one("textarea", made);
  const id = `d-${line.id}`;
  field.id = id;
  field.dataset.place = line.dataset.place;
  field.value = store.read().notes[line.dataset.place] || "";
  const label = one("label", made);
  label.htmlFor = id;
  label.textContent = line.dataset.place;
  line.after(made);
  if (focus) field.focus();
}

function note(place, text) {
  const kept = store.read();
  if (text.trim()) kept.notes[place] = text;
  else delete kept.notes[place];
  store.write(kept);
  drafts();
}

function drafts() {
  const form = one("#review");
  const list = one("#drafts");
  if (!form || !list) return;
  const notes = Object.entries(store.read().notes);
  list.replaceChildren(...notes.map(([place, text]) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { className: "mono", textContent: place });
    const line = row(place);
    link.href = line ? `#${line.id}` : "#review";
    item.append(link, Object.assign(document.createElement("span"), { textContent: text }));
    return item;
  }));
  const count = notes.length === 1 ? form.dataset.one : form.dataset.many.replace("{n}", String(notes.length));
  one("#draft-count").textContent = notes.length ? count : "";
}

function restore() {
  const kept = store.read();
  if (!one("#review")) return;
  for (const place of Object.keys(kept.notes)) {
    const line = row(place);
    if (line) open(line, false);
  }
  const comment = one("#r-comment");
  if (comment && kept.comment && !comment.value) {
    comment.value = kept.comment;
    comment.dataset.draft = kept.comment;
  }
  drafts();
}

function forget() {
  store.write({ comment: "", notes: {} });
  for (const made of all(".note-row:has([data-place])")) made.remove();
  drafts();
}

function mark() {
  const now = one("#change-mark")?.dataset.seen;
  const newer = one("#newer");
  const shown = one("#changes")?.dataset.seen || "";
  if (newer && now !== undefined) newer.hidden = now === shown;
  if (newer && now && !shown) window.location.reload();
}

function viewed() {
  const shown = one("#changes")?.dataset.seen;
  if (!shown) return;
  for (const box of all("[data-viewed]")) {
    const key = `sps-viewed ${shown} ${box.dataset.viewed}`;
    const file = box.closest(".file");
    const show = () => {
      file.classList.toggle("done", box.checked);
      one(`[data-file="${file.id}"]`)?.classList.toggle("seen", box.checked);
    };
    box.closest("label").hidden = false;
    try { box.checked = window.localStorage.getItem(key) === "1"; } catch { box.checked = false; }
    box.addEventListener("change", () => {
      try {
        if (box.checked) window.localStorage.setItem(key, "1");
        else window.localStorage.removeItem(key);
      } catch { /* not remembered */ }
      show();
    });
    show();
  }
}

document.addEventListener("formdata", (event) => {
  if (event.target.id !== "review") return;
  const given = event.formData.getAll("note").filter((text) => text.trim() && !text.trim().endsWith(":"));
  event.formData.delete("note");
  for (const text of given) event.formData.append("note", text);
  for (const [place, text] of Object.entries(store.read().notes)) event.formData.append("note", `${place}: ${text}`);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.dataset.says) form.dataset.done = event.submitter.dataset.says;
  if (form.id === "review") form.addEventListener("sps:sent", forget, { once: true });
}, true);

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.id === "r-comment") store.write({ ...store.read(), comment: field.value });
  else if (field.dataset?.place && field.matches(".note-row textarea")) note(field.dataset.place, field.value);
});

document.addEventListener("toggle", (event) => {
  const field = event.target.matches?.(".file-note") ? one("[data-prefix]", event.target) : null;
  if (field && event.target.open && !field.value) field.value = field.dataset.prefix;
}, true);

document.addEventListener("click", (event) => {
  const target = event.target;
  for (const menu of all("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  const link = target.closest?.("[data-note]");
  if (link && one("#note-row")) {
    event.preventDefault();
    open(document.getElementById(link.dataset.note));
  }
  const discard = target.closest?.("[data-discard]");
  if (discard) {
    const made = discard.closest(".note-row");
    const place = one("textarea", made).dataset.place;
    const line = made.previousElementSibling;
    made.remove();
    note(place, "");
    one("a", line)?.focus();
  }
  const copy = target.closest?.("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => announce(copy.textContent)).catch(() => {});
});

// --- keys -------------------------------------------------------------------------------------

function step(selector, way) {
  const found = all(selector).filter((item) => item.offsetParent !== null);
  if (!found.length) return;
  const middle = scroller().getBoundingClientRect().top + 60;
  const past = found.filter((item) => item.getBoundingClientRect().top < middle - 4);
  const index = way > 0
    ? found.findIndex((item) => item.getBoundingClientRect().top > middle + 4)
    : past.length - 1;
  const next = found[index < 0 ? (way > 0 ? found.length - 1 : 0) : index];
  next.scrollIntoView({ block: "start" });
  const focus = one("a, summary, input", next);
  focus?.focus({ preventScroll: true });
}

const KEYS = {
  j: () => step("section.file", 1),
  k: () => step("section.file", -1),
  n: () => step(one("#turns") ? ".turn:has([data-status=failed])" : "tr.h", 1),
  p: () => step(one("#turns") ? ".turn:has([data-status=failed])" : "tr.h", -1),
  c: () => { const line = document.activeElement.closest?.("tr[data-place]"); if (line) open(line); },
  v: () => one("[data-viewed]", document.activeElement.closest?.("section.file") || one("section.file") || document)?.click(),
  f: () => one("#follow")?.click(),
  i: () => one("#say-text")?.focus(),
  R: () => one("#r-comment")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.dataset?.send !== undefined) {
    event.preventDefault();
    (event.target.dataset.send ? document.getElementById(event.target.dataset.send) : event.target.form)?.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open]")) { menu.open = false; one("summary", menu).focus(); }
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.documentElement.dataset.keys === "off") return;
  const act = KEYS[event.key];
  if (!act || !card) return;
  event.preventDefault();
  act();
});

document.addEventListener("sps:fresh", (event) => {
  if (event.target.id === "runs") newest();
  if (event.target.id === "change-mark") mark();
  if (event.target.id === "review-box") restore();
});

if (card) {
  run();
  restore();
  viewed();
}
