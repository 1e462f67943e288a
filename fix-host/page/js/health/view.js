// Health: is it fast, is it whole, how do I stop it?

import { act } from "../actions.js";
import { byId, button, el, key, setClass, setText } from "../dom.js";
import { halts } from "../kill.js";
import { NONE, atMost } from "../pure/numbers.js";
import { isLive, mayTrade, on, percentile, state, timing } from "../store.js";
import { drawCurve, drawHistogram } from "./graphs.js";
import { partsOf } from "./parts.js";

const KEPT = 300;
const rates = [];
let before = null;
const LIMIT = 50;

export function start(host) {
  host.append(
    el("div", { class: "healthtiles" }, ...[["report", "Order to report"], ["paint", "Tick to painted"], ["rate", "Messages"], ["journal", "Journal"], ["pages", "Readers"], ["lines", "Log lines dropped"]].map(([id, title]) => tile(id, title))),
    graphPanel("report", "Order to report"),
    graphPanel("paint", "Tick to painted"),
    graphPanel("rate", "Messages a second"),
    graphPanel("work", "The page's own work a frame"),
    el("section", { class: "panel healthparts", "aria-labelledby": "parts-title" },
      el("div", { class: "head" }, el("h2", { id: "parts-title", text: "Parts" }), el("span", { class: "push" }), el("span", { class: "aside", id: "parts-about" })),
      el("table", { class: "parts", "aria-label": "Parts" }, el("tbody", { id: "parts" })),
      el("div", { class: "killpanel" }, el("p", { id: "kill-about" }), killButton())),
  );
  on("health link halts sessions", paint, "health");
  on("health", count);
  on("second", paintGraphs, "health");
  paint();
  paintGraphs();
}

function killButton() {
  const one = button("Arm the kill switch", () => act("arm"), { class: "danger", id: "kill-arm" });
  one.append(key("Shift Esc"));
  return one;
}

function tile(id, title) {
  return el("div", { class: "tile" }, el("span", { class: "cap", text: title }), el("b", {}, el("span", { id: `health-${id}` }), el("span", { class: "unit", id: `health-${id}-unit` })), el("span", { class: "aside", id: `health-${id}-note` }));
}

function graphPanel(id, title) {
  return el("section", { class: "panel", "aria-label": title }, el("div", { class: "head" }, el("h2", { text: title }), el("span", { class: "aside", id: `graph-${id}-about` })), el("div", { class: "graph", id: `graph-${id}`, role: "img", "aria-labelledby": `graph-${id}-about` }));
}

function setTile(id, figure, unit, note) {
  setText(byId(`health-${id}`), figure);
  setText(byId(`health-${id}-unit`), unit ? ` ${unit}` : "");
  setText(byId(`health-${id}-note`), note);
}

/** Messages of all sessions since the engine last said how it is, which it does each second: numbers that are set are none. */
function count() {
  const { messagesIn, messagesOut } = state.health ?? {};
  const total = messagesIn + messagesOut;
  if (!Number.isFinite(total)) return;
  if (before !== null) {
    rates.push(Math.max(0, total - before));
    if (rates.length > KEPT) rates.shift();
  }
  before = total;
}

function paint() {
  const health = state.health ?? {};
  const latency = health.orderToReport ?? null;
  const [figure, unit] = latency ? atMost(latency.p50, longestOf(latency)) : [NONE, ""];
  setTile("report", figure, latency ? `${unit} p50` : "", latency ? `p99 ${atMost(latency.p99, longestOf(latency)).join(" ")}` : "no order has been answered yet");
  const painted = timing.painted;
  setTile("paint", painted.length ? percentile(painted, 0.5).toFixed(0) : NONE, painted.length ? "ms p50" : "", painted.length ? `p99 ${percentile(painted, 0.99).toFixed(0)} ms, this page` : "no price has come yet");
  setTile("rate", String(rates[rates.length - 1] ?? 0), "a second", rates.length ? `at most ${Math.max(...rates)} since this page was opened` : "counting");
  const parts = partsOf(state.health, state, halts.known);
  const journal = parts.find((part) => part.name === "Journal");
  setTile("journal", journal?.word ?? NONE, "", journal?.text ?? "");
  setTile("pages", String(health.readers ?? NONE), "", "that read the stream");
  const lost = health.logLinesDropped;
  setTile("lines", lost === undefined ? NONE : String(Number(lost)), "", Number(lost) ? "the disk or the reader of the log is too slow" : "since the start");
  paintParts(parts);
  const stopped = Boolean(halts.known?.engine || halts.known?.redis || halts.known?.sessions?.length);
  setText(byId("kill-about"), stopped ? "Trading is stopped: new orders are refused, cancels still pass." : "Cancels all that works and refuses new orders until you let them in again. Sessions stay logged on.");
  byId("kill-arm").disabled = !isLive() || !mayTrade();
}

function paintParts(parts) {
  const host = byId("parts");
  const wanted = JSON.stringify(parts);
  if (host.wanted === wanted) return;
  host.wanted = wanted;
  const glyphs = { good: "\u2713", warn: "!", bad: "!", dim: "\u25cb" };
  host.replaceChildren(...parts.map(({ name, kind, word, text }) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { class: `state ${kind}`, text: `${glyphs[kind]} ${word}` }), el("td", { text }))));
  setText(byId("parts-about"), isLive() ? "live" : "as last known");
}

function paintGraphs() {
  paint();
  const { painted, work } = timing;
  const marks = (values) => [[percentile(values, 0.5), `p50 ${percentile(values, 0.5).toFixed(1)} ms`, "mark"], [percentile(values, 0.99), `p99 ${percentile(values, 0.99).toFixed(1)} ms`, "mark"]];
  const isLate = percentile(painted, 0.99) > LIMIT;
  setText(byId("graph-paint-about"), `this page, last ${painted.length.toLocaleString("en")} updates${isLate ? ": later than its limit" : ""}`);
  drawHistogram(byId("graph-paint"), painted, 1, 128, [[1, "1 ms"], [4, "4"], [16, "16"], [64, "64"], [128, "128 ms"]], [...marks(painted), [LIMIT, `limit ${LIMIT} ms`, "limit"]]);
  setText(byId("graph-work-about"), `p95 ${work.length ? percentile(work, 0.95).toFixed(1) : NONE} ms of the 8 that it may take`);
  drawHistogram(byId("graph-work"), work, 0.05, 32, [[0.05, "0.05 ms"], [0.5, "0.5"], [4, "4"], [32, "32 ms"]], [...marks(work), [8, "limit 8 ms", "limit"]]);
  setText(byId("graph-rate-about"), "all sessions, both ways, the last 5 min of this page");
  drawCurve(byId("graph-rate"), rates, KEPT, "");
  paintReports();
}

/** What the engine measured, as classes of [microseconds, count]; a single figure where it keeps no classes. */
function paintReports() {
  const latency = state.health?.orderToReport;
  const host = byId("graph-report");
  const classes = latency?.buckets ?? [];
  const values = classes.flatMap(([value, times]) => Array(Math.min(500, times)).fill(value));
  setText(byId("graph-report-about"), latency ? `${latency.count.toLocaleString("en")} ${latency.count === 1 ? "request" : "requests"} answered: orders, replaces, cancels` : "no order has been answered yet");
  setClass(host, "graph");
  drawHistogram(host, values, 10, 1e6, [[10, "10 \u00b5s"], [100, "100 \u00b5s"], [1000, "1 ms"], [1e4, "10 ms"], [1e5, "100 ms"], [1e6, "1 s"]], latency ? ["p50", "p99"].map((name) => [latency[name] ?? longestOf(latency), `${name} ${atMost(latency[name], longestOf(latency)).join(" ")}`, "mark"]) : []);
}

/** The end of the last class of what the engine measured, in microseconds. */
const longestOf = (latency) => latency.buckets?.at(-1)?.[0] ?? NaN;
