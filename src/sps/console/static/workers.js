// Slots change with every tool call: look again at most once a second, and for the silence every 15 s.
import { reload } from "./js/dom.js";

const main = document.getElementById("main");
main.dataset.quiet = "";
document.addEventListener("sps:event", () => reload(1000).catch(() => {}));
window.setInterval(() => { if (!document.hidden) reload(0).catch(() => {}); }, 15000);
