// Remarks on lines: fields in the change, and their list at the decision.
import * as drafts from "./drafts.js";
import { choice, choosing, unchoose } from "./lines.js";
import { all, one } from "./page.js";
import { named, parsed, row, text } from "./places.js";

function fields() {
  return all(".note-row textarea[data-place]");
}

// Open the field for a stretch of lines, below its last one.
export function open({ path, first, last }, focus = true) {
  const place = named(path, first, last);
  const known = fields().find((field) => field.dataset.place === place);
  const line = row(path, last);
  const template = one("#note-row");
  if (known || !line || !template) {
    if (known && focus) known.focus();
    return;
  }
  const made = document.importNode(template.content.firstElementChild, true);
  one("td", made).colSpan = line.closest("table").querySelectorAll("col").length;
  let below = line;
  while (below.nextElementSibling?.matches(".said-row, .note-row")) below = below.nextElementSibling;
  below.after(made);
  name(made, place);
  const field = one("textarea", made);
  field.value = drafts.drafts().notes[place] || "";
  field.dataset.draft = field.value;
  const to = one("input[type=number]", made);
  to.value = String(last);
  to.min = String(first);
  unchoose();
  if (focus) field.focus();
}

function name(made, place) {
  const field = one("textarea", made);
  field.id = `d-${place.replace(/[^\w-]/g, "_")}`;
  field.dataset.place = place;
  const label = one("label", made);
  label.htmlFor = field.id;
  label.textContent = place;
}

// A stretch may be made longer or shorter after its field was opened.
function stretch(input) {
  const made = input.closest(".note-row");
  const field = one("textarea", made);
  const at = parsed(field.dataset.place);
  const last = Math.max(at.first, Number(input.value) || at.first);
  const line = row(at.path, last);
  if (!line) return;
  const place = named(at.path, at.first, last);
  const taken = place !== field.dataset.place && fields().find((other) => other.dataset.place === place);
  if (taken) { // two remarks on one stretch would be one: neither is lost
    input.value = String(at.last);
    taken.focus();
    return;
  }
  drafts.renamed(field.dataset.place, place);
  name(made, place);
  line.after(made);
  input.focus();
  list();
}

function suggest(made) {
  const field = one("textarea", made);
  const at = parsed(field.dataset.place);
  const code = text(at.path, at.first, at.last);
  const fence = code.includes("```") ? "````" : "```";
  const before = field.value.trim();
  field.value = `${before ? `${before}\n` : ""}${fence}suggestion\n${code}\n${fence}`;
  field.rows = Math.min(14, field.value.split("\n").length + 1);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  const start = field.value.length - code.length - fence.length - 1;
  field.setSelectionRange(start, start + code.length);
}

function discard(made) {
  const place = one("textarea", made).dataset.place;
  const at = parsed(place);
  made.remove();
  drafts.note(place, "");
  list();
  one("a", row(at.path, at.last))?.focus();
}

// Write the list of drafts and their number where the decision is made.
function list() {
  const form = one("#review");
  const place = one("#drafts");
  if (!form || !place) return;
  const notes = Object.entries(drafts.drafts().notes);
  place.replaceChildren(...notes.map(([where, said]) => {
    const item = document.createElement("li");
    const at = parsed(where);
    const line = at && row(at.path, at.last);
    const link = Object.assign(document.createElement("a"), { className: "mono", textContent: where });
    link.href = line ? `#${line.id}` : "#review";
    item.append(link, Object.assign(document.createElement("span"), { textContent: said }));
    return item;
  }));
  const count = notes.length === 1 ? form.dataset.one : form.dataset.many.replace("{n}", String(notes.length));
  for (const sum of all("#draft-count, [data-draft-count]")) sum.textContent = notes.length ? count : "";
}

export function restore() {
  if (!one("#review")) return;
  const found = drafts.drafts();
  for (const place of Object.keys(found.notes)) {
    const at = parsed(place);
    if (at) open(at, false);
  }
  const comment = one("#r-comment");
  if (comment && found.comment && !comment.value) {
    comment.value = found.comment;
    comment.dataset.draft = found.comment;
  }
  list();
}

export function forget() {
  drafts.forget();
  for (const field of fields()) field.closest(".note-row").remove();
  list();
}

// Open the field for what is chosen, else for the line that has the focus.
export function here() {
  const line = document.activeElement?.closest?.("tr[data-line]");
  if (choice()) open(choice());
  else if (line) one("[data-note]", line)?.click();
}

// Go back from a field to its line; what was written stays.
export function leave(field) {
  if (!field.dataset?.place) return false;
  const at = parsed(field.dataset.place);
  one("a", row(at.path, at.last))?.focus();
  return true;
}

export function noting() {
  choosing((chosen) => open(chosen));
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "r-comment") drafts.comment(field.value);
    else if (field.dataset?.place) {
      field.dataset.draft = field.value;
      drafts.note(field.dataset.place, field.value);
      list();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".note-row input[type=number]")) stretch(event.target);
  });
  document.addEventListener("click", (event) => {
    const made = event.target.closest?.(".note-row");
    if (made && event.target.closest("[data-suggest]")) suggest(made);
    else if (made && event.target.closest("[data-discard]")) discard(made);
  });
  document.addEventListener("toggle", (event) => {
    const field = event.target.matches?.(".file-note") ? one("[data-prefix]", event.target) : null;
    if (field && event.target.open && !field.value) field.value = field.dataset.prefix;
  }, true);
  document.addEventListener("formdata", (event) => {
    if (event.target.id !== "review") return;
    const given = event.formData.getAll("note").filter((said) => said.trim() && !said.trim().endsWith(":"));
    event.formData.delete("note");
    for (const said of given) event.formData.append("note", said);
    for (const [place, said] of Object.entries(drafts.drafts().notes)) event.formData.append("note", `${place}: ${said}`);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.submitter?.dataset.says) form.dataset.done = event.submitter.dataset.says;
    if (form.id === "review") form.addEventListener("sps:sent", forget, { once: true });
  }, true);
  restore();
}
