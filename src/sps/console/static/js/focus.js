// Where the keyboard is in a region, found again when a newer one takes its place.
const STOPS = "a[href], button, input, select, textarea, summary";

function stops(region) {
  return [...region.querySelectorAll(STOPS)].filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0);
}

const deed = (one) => one.closest("form")?.getAttribute("action");

// Name the place that has the focus; null when it lies outside.
export function spot(region) {
  const active = document.activeElement;
  if (!active || !region.contains(active)) return null;
  const around = [];
  for (let up = active.parentElement; up && up !== region; up = up.parentElement) if (up.id) around.push(up.id);
  return { id: active.id, deed: deed(active), text: active.textContent, around, order: stops(region).indexOf(active) };
}

// Focus the same control, else a link of the same entry or of the one that follows, else the region.
// Never another button: who presses Enter twice means one act.
export function refocus(region, was) {
  const all = stops(region);
  const named = was.id ? document.getElementById(was.id) : null; // also where it went to another region
  const same = (one) => was.deed && deed(one) === was.deed && one.textContent === was.text;
  const calm = (one) => one.matches("a, summary");
  const entry = was.around.map((id) => region.querySelector(`#${CSS.escape(id)}`)).find((one) => one?.checkVisibility());
  const found = (named?.checkVisibility() && named) || all.find(same) || (entry && stops(entry).find(calm)) || all.slice(Math.max(0, was.order)).find(calm) || all.findLast(calm);
  const next = found || region;
  if (next === region) region.tabIndex = -1;
  next.focus({ preventScroll: true });
}
