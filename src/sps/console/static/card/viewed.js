// What was looked at: files by their content, so that a mark falls off only when the file changes,
// and the change as a whole.
import { all, keep, kept, number, one } from "./page.js";

const marks = () => `sps-viewed ${number()}`;
const looked = () => `sps-looked ${number()}`;

function show(file, box) {
  const known = kept(marks(), {})[file.dataset.path];
  const link = one(`[data-file="${file.id}"]`);
  file.classList.toggle("done", box.checked);
  link?.classList.toggle("seen", box.checked);
  const other = Boolean(known) && known !== (file.dataset.content || "-");
  one(".tag.other", file).hidden = !other;
  link?.classList.toggle("other", other);
}

export function viewed() {
  for (const box of all("[data-viewed]")) {
    const file = box.closest(".file");
    box.closest("label").hidden = false;
    box.checked = kept(marks(), {})[file.dataset.path] === (file.dataset.content || "-");
    show(file, box);
  }
}

function mark(box) {
  const file = box.closest(".file");
  const found = kept(marks(), {});
  if (box.checked) found[file.dataset.path] = file.dataset.content || "-";
  else delete found[file.dataset.path];
  keep(marks(), found);
  show(file, box);
}

function remember(change) {
  keep(looked(), { change });
}

// Say that the change is another one than when it was looked at last, and lead to what is new.
function since() {
  const change = one("#change-mark")?.dataset.seen;
  const place = one("#looked");
  if (!change || !place) return;
  const before = kept(looked(), {}).change;
  const asked = new URLSearchParams(window.location.search).get("of");
  if (!before || before === change || asked === before) return remember(change);
  if (asked) return undefined;
  const link = one("[data-since]", place);
  const to = new URL(link.href);
  to.searchParams.set("of", before);
  link.href = to.pathname + to.search;
  place.hidden = false;
  return undefined;
}

export function viewing() {
  viewed();
  since();
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-viewed]")) mark(event.target);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-looked]")) return;
    remember(one("#change-mark").dataset.seen);
    one("#looked").hidden = true;
  });
  document.addEventListener("sps:sent", (event) => {
    if (event.target.id === "review" && one("#change-mark")) remember(one("#change-mark").dataset.seen);
  });
}
