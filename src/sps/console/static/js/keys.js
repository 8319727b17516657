import { undo } from "./undo.js";

// Single keys: off while typing, listed in the help, and every one has a visible way as well.
const GO = { h: "/", p: "/projects", r: "/review", w: "/workers", s: "/skills", l: "/logs", e: "/health" };

export function typing(target) {
  return target instanceof Element && Boolean(target.closest("input,textarea,select,[contenteditable]"));
}

export function keys(root) {
  let prefix = "";
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.documentElement.dataset.keys === "off") return;
    if (document.querySelector("dialog[open]")) return; // nobody decides about what lies behind it
    if (prefix === "g") {
      prefix = "";
      const board = document.querySelector('.side > a[href$="/board"]');
      const to = event.key === "b" ? board?.getAttribute("href") : GO[event.key];
      if (to) {
        event.preventDefault();
        window.location.assign(to);
      }
      return;
    }
    if (event.key === "g") {
      prefix = "g";
      window.setTimeout(() => { prefix = ""; }, 1000);
    } else if (event.key === "/") {
      const field = document.querySelector("[data-filter]");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    } else if (event.key === "u") {
      event.preventDefault();
      undo();
    } else if (event.key === "[") {
      fold();
    } else if (event.key === "?") {
      const help = document.getElementById("help");
      if (help instanceof HTMLDialogElement) help.showModal();
      else window.location.assign("/settings#keys");
    } else {
      const button = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
      if (button instanceof HTMLElement && button.offsetParent !== null) {
        event.preventDefault();
        button.click();
      }
    }
  });
}

// Fold the sidebar, or unfold it; this browser remembers, and the server draws it so from then on.
export function fold() {
  const root = document.documentElement;
  root.dataset.side = root.dataset.side === "folded" ? "open" : "folded";
  document.cookie = `sps_side=${root.dataset.side}; Path=/; SameSite=Strict; Max-Age=31536000`;
}
