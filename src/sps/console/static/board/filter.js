// The filter: in the address, in the stream and in every further window. Views are filters with names.
import { ask, parsed, takeOver, toast } from "../js/dom.js";

const QUIET_MS = 250;

let asked = 0;

async function show(query) {
  const mine = ++asked;
  const address = new URL(window.location.href);
  if (query) address.searchParams.set("q", query);
  else address.searchParams.delete("q");
  address.hash = "";
  const { text, html } = await ask(address.href);
  if (!html || mine !== asked) return; // a later one was asked for
  window.history.replaceState(null, "", address.href);
  takeOver(parsed(text));
}

export function filtering() {
  const form = document.getElementById("filter");
  const field = document.getElementById("q");
  let timer = 0;
  const soon = (wait) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => show(field.value.trim()).catch((error) => toast(error.message, { kind: "bad" })), wait);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
  field.addEventListener("input", () => soon(QUIET_MS));
  // A view that is kept is what the field says at that moment.
  document.getElementById("save-view")?.addEventListener("submit", () => {
    document.getElementById("view-q").value = field.value.trim();
  }, { capture: true });
}
