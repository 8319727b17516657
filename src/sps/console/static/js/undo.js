// Taking back what was done last on this page: by the button in its message, and by one key for as
// long as nothing else is done here. Each act is taken back once; one that could not be stays.
import { announce, toast } from "./dom.js";

let last = null;
let acts = 0;
const under = new Set();

// An act, from being begun to being told: taking back waits for those on their way.
export function doing(act) {
  const over = act.catch(() => {}).then(() => under.delete(over));
  under.add(over);
  return act;
}

// Tell what was done, and how it is taken back, if it can be.
export function told(text, act = null) {
  acted();
  last = act && { act, note: null };
  const one = last;
  announce(text);
  const note = toast(text, { undo: one && { label: document.body.dataset.undo || "Undo", act: () => takeBack(one) } });
  if (one) one.note = note;
}

// Something was done that nobody takes back: what was done before it is no longer the last.
export function acted() {
  last = null;
  acts += 1;
}

export async function undo() {
  await Promise.all(under);
  if (last) return takeBack(last);
  const text = document.body.dataset.nothing || "";
  announce(text);
  toast(text);
  return undefined;
}

async function takeBack(one) {
  if (one.gone) return;
  one.gone = true;
  one.note?.remove();
  if (last === one) last = null;
  const before = acts;
  try {
    await one.act();
  } catch (error) {
    one.gone = false;
    if (acts === before) last = one;
    toast(error.message, { kind: "bad" });
  }
}
