// The last change that can be taken back: one button in a message, one key.
import { announce, toast } from "./dom.js";

let last = null;

// Tell what was done; its message takes back just that, the key the last that was told.
export function told(text, act = null) {
  last = act;
  const label = document.body.dataset.undo || "Undo";
  announce(text);
  toast(text, { undo: act && { label, act: () => takeBack(act) } });
}

export function undo() {
  if (last) return takeBack(last);
  announce(document.body.dataset.nothing || "");
  return undefined;
}

async function takeBack(act) {
  if (last === act) last = null;
  try {
    await act();
  } catch (error) {
    toast(error.message, { kind: "bad" });
  }
}
