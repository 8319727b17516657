// Lines of a change by name: path:3, or path:3-7 for a stretch.
import { all, one } from "./page.js";

export function named(path, first, last) {
  return last > first ? `${path}:${first}-${last}` : `${path}:${first}`;
}

export function parsed(place) {
  const found = /^(.*):(\d+)(?:-(\d+))?$/s.exec(place);
  if (!found) return null;
  return { path: found[1], first: Number(found[2]), last: Number(found[3] || found[2]) };
}

export function section(path) {
  return all("section.file[data-path]").find((file) => file.dataset.path === path);
}

// The row of a line; where old and new have the number both, that of the new side.
export function row(path, line) {
  const file = section(path);
  if (!file) return undefined;
  return one(`tr[data-line="${line}"]:not(.d)`, file) || one(`tr[data-line="${line}"]`, file) || undefined;
}

export function placed(line) {
  return { path: line.closest("section.file").dataset.path, line: Number(line.dataset.line) };
}

// The rows from one line to another, in the order of the page.
export function between(path, first, last) {
  const file = section(path);
  if (!file) return [];
  return all("tr[data-line]:not(.d)", file).filter((line) => {
    const at = Number(line.dataset.line);
    return at >= first && at <= last;
  });
}

// What stands in these lines now; the signs before them are not part of it.
export function text(path, first, last) {
  return between(path, first, last).map((line) => {
    const code = [...line.querySelectorAll("td.cd")].pop()?.cloneNode(true);
    code?.querySelector(".sg")?.remove();
    return code?.textContent || "";
  }).join("\n");
}
