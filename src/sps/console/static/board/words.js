import { ask } from "../js/dom.js";

// What scripts say, in the language of the page.
export function say(name, words = {}) {
  const text = document.getElementById("board").dataset[`say${name}`] || name;
  return text.replace(/\{(\w+)\}/g, (_, key) => String(words[key] ?? ""));
}

export function title(column) {
  return document.getElementById(`h-${column}`)?.textContent || column;
}

export function api(rest) {
  return `/api/v1/projects/${document.getElementById("board").dataset.project}/${rest}`;
}

// Ask the console for a change; the same key is the same change. Raises what `ask` raises.
export async function change(rest, body, key = crypto.randomUUID()) {
  const { text } = await ask(api(rest), {
    method: "POST",
    body: JSON.stringify(body),
    headers: { Accept: "application/json, application/problem+json", "Content-Type": "application/json", "Idempotency-Key": key },
  });
  return JSON.parse(text);
}
