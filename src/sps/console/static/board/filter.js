// The filter: in the address, in the stream and in every further window. Views are filters with names.
import { ask, parsed, takeOver } from "../js/dom.js";
import { say } from "./words.js";

const QUIET_MS = 250;

async function show(query) {
  const address = new URL(window.location.href);
  if (query) address.searchParams.set("q", query);
  else address.searchParams.delete("q");
  address.hash = "";
  const { text, html } = await ask(address.href);
  if (!html) return;
  window.history.replaceState(null, "", address.href);
  takeOver(parsed(text));
}

function saved(key) {
  try {
    const found = JSON.parse(window.localStorage.getItem(key) || "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.name === "string" && typeof one?.q === "string") : [];
  } catch {
    return [];
  }
}

function views(board) {
  const key = `sps:views:${board.dataset.project}`;
  const list = document.getElementById("saved");
  const form = document.getElementById("save-view");
  const keep = (all) => {
    window.localStorage.setItem(key, JSON.stringify(all.slice(-20)));
    draw();
  };
  const draw = () => {
    list.replaceChildren(...saved(key).map(({ name, q }) => {
      const row = document.createElement("li");
      const link = Object.assign(document.createElement("a"), { textContent: name, href: `?${new URLSearchParams({ q })}` });
      const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "×", title: say("Delete") });
      drop.setAttribute("aria-label", `${say("Delete")}: ${name}`);
      drop.addEventListener("click", () => keep(saved(key).filter((one) => one.name !== name)));
      row.append(link, drop);
      return row;
    }));
    form.hidden = !document.getElementById("q").value.trim();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = document.getElementById("view-name");
    const name = field.value.trim();
    if (!name) return;
    keep([...saved(key).filter((one) => one.name !== name), { name, q: document.getElementById("q").value.trim() }]);
    form.reset();
  });
  document.getElementById("views").addEventListener("toggle", draw);
}

export function filtering(board) {
  const form = document.getElementById("filter");
  const field = document.getElementById("q");
  let timer = 0;
  const soon = (wait) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => show(field.value.trim()).catch(() => form.submit()), wait);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
  field.addEventListener("input", () => soon(QUIET_MS));
  views(board);
}
