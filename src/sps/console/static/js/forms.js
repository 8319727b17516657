// Forms that work without us, and without a reload when we are here.
import { ask, parsed, reload, takeOver, toast } from "./dom.js";
import { acted, doing, told } from "./undo.js";

export function enhance(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.dataset.plain !== undefined) return;
    event.preventDefault();
    send(form, event.submitter).catch(() => {});
  });
  root.addEventListener("input", (event) => {
    const field = event.target.closest?.("[data-draft]");
    if (field) field.dataset.draft = field.value;
    if (event.target.form) delete event.target.form.dataset.key;
  });
}

const under = new WeakSet();

// Send a form once: who presses twice before the answer is there means one act.
export async function send(form, submitter) {
  if (under.has(form)) return;
  under.add(form);
  try {
    await doing(post(form, submitter));
  } finally {
    under.delete(form);
  }
}

// The key under which a form is sent, again after a failure too: it is the same act as long as nothing
// else is typed.
export function keyOf(form) {
  form.dataset.key ||= crypto.randomUUID();
  return form.dataset.key;
}

async function post(form, submitter) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) fields.append(name, value);
  const button = submitter || form.querySelector("[type=submit]");
  button?.setAttribute("aria-busy", "true");
  try {
    const { answer, text, html } = await ask(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action, {
      method: "POST",
      body: fields,
      headers: { "Idempotency-Key": keyOf(form) },
    });
    delete form.dataset.key;
    for (const draft of form.querySelectorAll("[data-draft]")) draft.dataset.draft = "";
    form.closest("dialog")?.close();
    const way = form.dataset.undo ? () => back(form.dataset.undo, form.dataset.undoBody || "") : null;
    if (form.dataset.done) told(form.dataset.done, way);
    else acted();
    const here = new URL(window.location.href);
    const there = new URL(answer.url);
    if (there.pathname !== here.pathname) window.location.assign(there.pathname + there.search + there.hash);
    else if (!there.search && here.search) await reload(0); // a filter of ours stays in force
    else if (html) takeOver(parsed(text));
    if (form.dataset.reset !== undefined) form.reset();
    form.dispatchEvent(new CustomEvent("sps:sent", { bubbles: true }));
  } catch (error) {
    toast(error.message, { kind: "bad" });
    if (error.status === 409) await reload(0).catch(() => {});
    form.dispatchEvent(new CustomEvent("sps:failed", { bubbles: true, detail: error }));
    throw error;
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

// Take back what a form did: its opposite is posted, and the page shows what is now.
async function back(address, body) {
  await ask(address, { method: "POST", body: new URLSearchParams(body), headers: { "Idempotency-Key": crypto.randomUUID() } });
  await reload(0);
}
