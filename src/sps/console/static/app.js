// What every page has: the live stream, forms without a reload, keys, themes. No library, no eval.
import { follow } from "./js/live.js";
import { enhance } from "./js/forms.js";
import { keys } from "./js/keys.js";
import { palette } from "./js/palette.js";
import { shell } from "./js/shell.js";

enhance(document);
keys(document);
palette(document);
shell(document);
follow(document.getElementById("main"));
