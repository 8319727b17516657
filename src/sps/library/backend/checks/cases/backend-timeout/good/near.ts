import axios from "axios";

export async function near(url: string, init: RequestInit, repo: Repo, signal: AbortSignal) {
  await fetch(url, init);
  await fetch(url, { ...init, method: "POST" });
  await fetch(url, { method: "POST", signal });
  await fetch("/api/own-page");
  await repo.fetch(url);
  return axios.post(url, {}, { timeout: 5_000 });
}
