// Remarks that are not sent yet. They outlive a reload, and go with the decision as one message.
import { keep, kept, number } from "./page.js";

const name = () => `sps-notes ${number()}`;

export function drafts() {
  const found = kept(name(), {});
  return {
    comment: String(found.comment || ""),
    notes: found.notes && typeof found.notes === "object" ? found.notes : {},
  };
}

function write({ comment, notes }) {
  keep(name(), comment || Object.keys(notes).length ? { comment, notes } : null);
}

export function comment(text) {
  write({ ...drafts(), comment: text });
}

export function note(place, text) {
  const found = drafts();
  if (text.trim()) found.notes[place] = text;
  else delete found.notes[place];
  write(found);
}

export function renamed(from, to) {
  const found = drafts();
  if (!(from in found.notes) || from === to) return;
  found.notes[to] = found.notes[from];
  delete found.notes[from];
  write(found);
}

export function forget() {
  write({ comment: "", notes: {} });
}
