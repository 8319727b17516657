// Figures of now, every 15 s, charts of the last hour, and the report into the clipboard.
import { announce, ask, reload, toast } from "./js/dom.js";

const LOOK_MS = 15000;
const HOUR_S = 3600;
const copy = document.getElementById("copy");
const report = document.getElementById("report");
copy.hidden = false;
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(report.value);
  } catch {
    report.select(); // the browser refuses: the text is selected for the keys
    return;
  }
  toast(copy.dataset.copied);
  announce(copy.dataset.copied);
});

const place = document.getElementById("charts");
const says = place.dataset;
const COLOURS = ["--running", "--review"];
const PANELS = [
  { title: says.runs, lines: [[says.runs, (one) => one.runs], [says.queue, (one) => one.queue]] },
  { title: says.cost, lines: [[says.cost, (one) => one.cost_per_hour]] },
  { title: says.gates, lines: [[says.median, (one) => one.gate_p50], [says.slow, (one) => one.gate_p95]] },
  { title: says.clients, lines: [[says.clients, (one) => one.clients], [says.resyncs, (one) => one.resyncs]] },
  { title: says.lag, lines: [[says.lag, (one) => one.lag * 1000]] },
  { title: says.rss, lines: [[says.rss, (one) => one.resident / 1048576]] },
];
const charts = [];

// A colour of the theme that is in force, as a canvas can use it.
function colour(name) {
  const probe = place.appendChild(document.createElement("i"));
  probe.className = "probe";
  probe.dataset.colour = name;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function drawn(panel) {
  const box = place.appendChild(document.createElement("figure"));
  box.className = "chart";
  box.append(Object.assign(document.createElement("figcaption"), { textContent: panel.title }));
  const language = document.documentElement.lang;
  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "11px Inter, sans-serif" };
  const series = panel.lines.map(([label], n) => ({ label, stroke: colour(COLOURS[n].slice(2)), width: 1.5, value: (_, v) => (v === null || v === undefined ? "–" : String(Math.round(v * 100) / 100)) }));
  const options = {
    width: Math.max(120, box.clientWidth - 2),
    height: 150,
    cursor: { sync: { key: "hour" }, drag: { x: false, y: false } },
    legend: { show: true, live: true },
    axes: [{ ...axis, values: (_, ticks) => ticks.map((one) => hour.format(one * 1000)) }, { ...axis, size: 44 }],
    scales: { x: { range: () => [Date.now() / 1000 - HOUR_S, Date.now() / 1000] }, y: { range: (_, low, high) => [Math.min(0, low || 0), Math.max(1, (high || 0) * 1.1)] } },
    series: [{ label: says.time, value: (_, at) => (at ? hour.format(at * 1000) : "–") }, ...series],
  };
  const chart = new window.uPlot(options, columns(panel, []), box);
  new ResizeObserver(() => chart.setSize({ width: Math.max(120, box.clientWidth - 2), height: 150 })).observe(box);
  return { panel, chart };
}

function columns(panel, samples) {
  return [samples.map((one) => one.at), ...panel.lines.map(([, of]) => samples.map((one) => of(one) ?? null))];
}

async function look() {
  const { text } = await ask("/api/v1/health/series", { headers: { Accept: "application/json" } });
  const { samples } = JSON.parse(text);
  for (const { panel, chart } of charts) chart.setData(columns(panel, samples));
}

document.getElementById("hour").hidden = false;
charts.push(...PANELS.map(drawn));
look().catch((error) => toast(error.message, { kind: "bad" }));
window.setInterval(() => {
  if (document.hidden) return;
  reload(0).catch(() => {});
  look().catch(() => {});
}, LOOK_MS);
