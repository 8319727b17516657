// The picture of the times: drag over a stretch of it to see that alone.
import { one } from "./page.js";

export function timing() {
  const box = one("#wf");
  if (!box) return;
}
