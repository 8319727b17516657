// The picture of the times: drag over a stretch of it to see that alone.
import { one } from "./page.js";

const LEAST_PX = 8;

export function timing() {
  let from = null;
  const share = (box, x) => {
    const place = box.getBoundingClientRect();
    return Math.min(1, Math.max(0, (x - place.left) / place.width));
  };
  document.addEventListener("pointerdown", (event) => {
    const box = event.target.closest?.("#wf");
    if (!box || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    from = { box, x: event.clientX, share: share(box, event.clientX) };
  });
  document.addEventListener("pointermove", (event) => {
    if (!from) return;
    const mark = one("i", from.box);
    const to = share(from.box, event.clientX);
    mark.hidden = Math.abs(event.clientX - from.x) < LEAST_PX;
    mark.style.left = `${100 * Math.min(from.share, to)}%`;
    mark.style.width = `${100 * Math.abs(to - from.share)}%`;
  });
  document.addEventListener("pointerup", (event) => {
    if (!from) return;
    const { box, x, share: begun } = from;
    from = null;
    one("i", box).hidden = true;
    if (Math.abs(event.clientX - x) < LEAST_PX) return;
    const form = one("#zoom");
    const begin = Number(form.dataset.begin);
    const wide = Number(form.dataset.end) - begin;
    const ended = share(box, event.clientX);
    form.elements.begin.step = form.elements.end.step = "any";
    form.elements.begin.value = (begin + wide * Math.min(begun, ended)).toFixed(3);
    form.elements.end.value = (begin + wide * Math.max(begun, ended)).toFixed(3);
    form.submit();
  });
  // A drag that ends on a bar does not follow the bar's link.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#wf") && event.detail && moved(event)) event.preventDefault();
  }, true);
  let down = 0;
  document.addEventListener("pointerdown", (event) => { down = event.clientX; }, true);
  const moved = (event) => Math.abs(event.clientX - down) >= LEAST_PX;
}
