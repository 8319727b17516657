// The live stream of a page: one per tab, from the cursor the page was rendered at, without a gap.
import { parsed, reload } from "./dom.js";
import { place } from "./place.js";

const AMBER_MS = 2000;
const OFF_MS = 30000;

export function follow(main) {
  const lamp = document.getElementById("live");
  if (!main || !main.dataset.view || !lamp) return;
  let source = null;
  let lost = 0;
  let wait = 1000;
  let timer = 0;
  let out = false;
  const again = document.getElementById("live-again");
  const enter = document.getElementById("live-enter");

  const say = (state, text) => {
    lamp.dataset.live = state;
    if (lamp.textContent !== text) lamp.textContent = text;
    again.hidden = state !== "off" || out;
    enter.hidden = !out;
  };
  const tell = () => {
    const since = lost ? Date.now() - lost : 0;
    document.documentElement.dataset.offline = since > OFF_MS ? "1" : "";
    if (out) say("off", lamp.dataset.out || "Signed out");
    else if (since > OFF_MS) say("off", lamp.dataset.offline || "Offline");
    else if (since > AMBER_MS) say("retry", `${lamp.dataset.retry || "Reconnecting"} ${Math.round(since / 1000)} s`);
  };
  const open = () => {
    window.clearTimeout(timer);
    source?.close();
    const query = new URLSearchParams({ view: main.dataset.view, cursor: main.dataset.cursor });
    source = new EventSource(`/events?${query}`);
    source.addEventListener("open", () => {
      if (lost) main.dispatchEvent(new CustomEvent("sps:back", { bubbles: true }));
      lost = 0;
      out = false;
      wait = 1000;
      document.documentElement.dataset.offline = "";
      say("ok", lamp.dataset.ok || "Live");
    });
    source.addEventListener("message", (event) => {
      const before = main.dataset.cursor;
      main.dataset.cursor = event.lastEventId;
      take(JSON.parse(event.data), before);
    });
    source.addEventListener("resync", () => renew("0"));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) refused();
      drop();
    });
  };
  const drop = () => {
    source?.close();
    lost = lost || Date.now();
    window.clearTimeout(timer);
    timer = window.setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, 10000);
  };
  // A stream does not say why it is refused; the same question without an answer to read does.
  const refused = async () => {
    const query = new URLSearchParams({ view: main.dataset.view });
    const answer = await fetch(`/events?${query}`, { method: "HEAD" }).catch(() => null);
    if (answer?.status === 401) left();
  };
  const left = () => {
    out = true;
    lost = lost || Date.now();
    tell();
  };
  // Load the page again. What it could not show yet is told again after `before`, when the console can.
  const renew = (before) => reload().catch((error) => {
    if (error.status && error.status < 500 && error.status !== 429) return;
    main.dataset.cursor = before;
    drop();
  });
  const take = (frame, before) => {
    document.dispatchEvent(new CustomEvent("sps:event", { detail: frame }));
    if (frame.view && frame.view.html) place(parsed(frame.view.html), frame.view);
    else if (main.dataset.quiet === undefined) renew(before);
  };
  document.addEventListener("sps:view", open);
  document.addEventListener("sps:out", left);
  again.addEventListener("click", () => {
    wait = 1000;
    open();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      window.clearTimeout(timer);
      source?.close();
      source = null;
    } else if (!source || source.readyState === EventSource.CLOSED) open();
  });
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  window.setInterval(tell, 500);
  lost = Date.now();
  open();
}
