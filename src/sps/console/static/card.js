// A card's page beyond reading it: the run as it happens, remarks on lines, keys.
import { files } from "./card/files.js";
import { keys } from "./card/keys.js";
import { menus } from "./card/menus.js";
import { noting, restore } from "./card/notes.js";
import { one } from "./card/page.js";
import { newest, running } from "./card/run.js";
import { timing } from "./card/timeline.js";
import { viewed, viewing } from "./card/viewed.js";

// The change that is shown is not the one that there is now.
function mark() {
  const now = one("#change-mark")?.dataset.seen;
  const newer = one("#newer");
  const shown = one("#changes")?.dataset.seen || "";
  if (newer && now !== undefined) newer.hidden = now === shown || !one("#changes");
  if (now && !one("#view-tools")) window.location.reload();
}

menus();
files();
running();
noting();
viewing();
timing();
keys();
document.addEventListener("sps:fresh", (event) => {
  if (event.target.id === "runs") newest();
  if (event.target.id === "change-mark") mark();
  if (event.target.id === "review-box") restore();
});
document.addEventListener("sps:unfolded", () => { viewed(); restore(); });
