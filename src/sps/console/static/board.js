// The board beyond reading it: dragging, keys, menus, filter, selection. Everything here has a way without it.
import { adding } from "./board/add.js";
import { dragging } from "./board/drag.js";
import { filtering } from "./board/filter.js";
import { cardKeys } from "./board/keys.js";
import { menus } from "./board/menu.js";
import { paging } from "./board/more.js";
import { peeking } from "./board/peek.js";
import { picking } from "./board/pick.js";

const board = document.getElementById("board");
menus(board);
filtering();
cardKeys(board);
paging(board);
peeking();
picking(board);
adding(board);
dragging(board);
