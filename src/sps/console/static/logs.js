// The live tail: new lines come by themselves until paused; then they are counted.
import { announce, reload } from "./js/dom.js";

const main = document.getElementById("main");
const button = document.getElementById("pause");
let paused = false;
let count = 0;

main.dataset.quiet = "";
button.hidden = false;

function show() {
  const fresh = button.dataset.new.replace("{n}", String(count));
  button.textContent = !paused ? button.dataset.pause : count ? `${button.dataset.resume} · ${fresh}` : button.dataset.resume;
  button.setAttribute("aria-pressed", String(paused));
  if (count) button.dataset.count = String(count);
  else delete button.dataset.count;
  // A region with a draft in it is left as it is.
  const hold = document.getElementById("hold");
  if (hold) hold.dataset.draft = paused ? "1" : "";
}

button.addEventListener("click", () => {
  paused = !paused;
  count = 0;
  show();
  announce(button.textContent);
  if (!paused) reload(0).catch(() => {});
});
document.addEventListener("sps:event", () => {
  if (paused) {
    count += 1;
    show();
  } else reload(250).catch(() => {});
});
