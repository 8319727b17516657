// Figures of now, every 15 s, and the report into the clipboard.
import { announce, reload, toast } from "./js/dom.js";

const copy = document.getElementById("copy");
const report = document.getElementById("report");
copy.hidden = false;
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(report.value);
  } catch {
    report.select(); // the browser refuses: the text is selected for the keys
    return;
  }
  toast(copy.dataset.copied);
  announce(copy.dataset.copied);
});
window.setInterval(() => { if (!document.hidden) reload(0).catch(() => {}); }, 15000);
