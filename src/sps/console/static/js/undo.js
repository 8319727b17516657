// The last change that can be taken back: one button in a message, one key.
import { announce, toast } from "./dom.js";

let last = null;

// Tell what was done, with a way back for as long as the message stands.
export function told(text, act = null) {
  last = act;
  const label = document.body.dataset.undo || "Undo";
  announce(text);
  toast(text, { undo: act && { label, act: undo } });
}

export async function undo() {
  const act = last;
  last = null;
  if (!act) {
    announce(document.body.dataset.nothing || "");
    return;
  }
  try {
    await act();
  } catch (error) {
    toast(error.message, { kind: "bad" });
  }
}
