// The one place where text of the server becomes markup, and how a page takes over a newer self.
import { refocus, spot } from "./focus.js";

const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("sps", { createHTML: (text) => text })
  : { createHTML: (text) => text };

// Parse markup that this console rendered. Scripts in it never run: it is parsed as a document of its own.
export function parsed(text) {
  return new DOMParser().parseFromString(policy.createHTML(text), "text/html");
}

export function announce(text) {
  const place = document.getElementById("announce");
  if (place) place.textContent = text;
}

export function toast(text, { undo = null, kind = "info", stays = false } = {}) {
  const place = document.getElementById("toasts");
  if (!place) return null;
  const note = document.createElement("div");
  note.className = "toast";
  note.dataset.kind = kind;
  note.setAttribute("role", kind === "bad" ? "alert" : "status");
  note.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: undo.label });
    button.addEventListener("click", () => { note.remove(); undo.act(); });
    note.append(button);
  }
  place.append(note);
  if (!stays) window.setTimeout(() => note.remove(), undo ? 8000 : 5000);
  return note;
}

// Replace the marked regions of this page by those of a newer rendering of it. A region in which
// somebody types, drags or selects is left as it is and follows at the next chance.
export function takeOver(newer) {
  let focus = null;
  let place = null;
  for (const fresh of newer.querySelectorAll("[data-region]")) {
    const old = document.getElementById(fresh.id);
    if (!old || old.outerHTML === fresh.outerHTML || busy(old)) continue;
    const open = new Set([...old.querySelectorAll("details[open][id]")].map((one) => one.id));
    const was = spot(old);
    const scroll = [old.scrollTop, old.scrollLeft];
    const copy = document.importNode(fresh, true);
    for (const one of copy.querySelectorAll("details[id]")) if (open.has(one.id)) one.open = true;
    old.replaceWith(copy);
    [copy.scrollTop, copy.scrollLeft] = scroll;
    if (was) [focus, place] = [was, copy];
    copy.dispatchEvent(new CustomEvent("sps:fresh", { bubbles: true }));
  }
  if (focus) refocus(place, focus); // now that what went to another region is there
  renewed(newer);
  const main = newer.getElementById("main");
  const here = document.getElementById("main");
  if (!main?.dataset.cursor) return;
  here.dataset.cursor = main.dataset.cursor;
  if (here.dataset.view === main.dataset.view) return;
  here.dataset.view = main.dataset.view;
  document.dispatchEvent(new CustomEvent("sps:view"));
}

export function busy(place) {
  const active = document.activeElement;
  if (active && place.contains(active) && active.matches("input:not([type=checkbox]),textarea,select")) return true;
  if (place.querySelector("[data-draft]:not([data-draft=''])")) return true;
  return Boolean(place.querySelector(".dragging, dialog[open]"));
}

// Fetch this console as a script of ours: a status and a fragment instead of a whole new page.
export async function ask(url, options = {}) {
  const headers = { "X-SPS": "1", Accept: "text/html, application/problem+json", ...options.headers };
  const answer = await reached(url, { credentials: "same-origin", redirect: "follow", ...options, headers });
  const kind = answer.headers.get("content-type") || "";
  const text = await answer.text();
  if (answer.ok) return { answer, text, html: kind.startsWith("text/html") };
  let said = { detail: answer.statusText, code: String(answer.status) };
  if (kind.startsWith("application/problem+json")) said = JSON.parse(text);
  else if (kind.startsWith("text/html")) {
    const page = parsed(text);
    said.detail = page.querySelector("main p:nth-of-type(2)")?.textContent || said.detail;
  }
  if (answer.status === 401) {
    said.detail = document.body.dataset.out || said.detail;
    document.dispatchEvent(new CustomEvent("sps:out"));
  }
  throw Object.assign(new Error(said.detail), { status: answer.status, said });
}

// A console that cannot be reached has the status 0.
async function reached(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw Object.assign(new Error(document.body.dataset.away || error.message), { status: 0, said: {} });
  }
}

// Another version of the console is served now: its markup and these scripts do not belong together.
// What is being typed stays; then a person says when.
function renewed(newer) {
  const edition = newer.querySelector("[data-edition]")?.dataset.edition;
  const { body } = document;
  if (!edition || edition === body.dataset.edition || body.dataset.stale !== undefined) return;
  body.dataset.stale = "";
  const filled = [...document.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox], [type=radio])")].some((one) => one.value !== one.defaultValue);
  if (!filled && !busy(body)) return window.location.reload();
  toast(body.dataset.renewed, { undo: { label: body.dataset.load, act: () => window.location.reload() }, stays: true });
}

let waiting = null;
// Load this page again and take over what changed; calls close together are one.
export function reload(wait = 60) {
  if (waiting) return waiting;
  waiting = new Promise((done) => window.setTimeout(done, wait)).then(async () => {
    waiting = null;
    const { text, html } = await ask(window.location.href);
    if (html) takeOver(parsed(text));
  });
  return waiting;
}
