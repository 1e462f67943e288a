// The chart: bid, ask and mid as steps, the spread below, the working orders as lines and the fills as marks.

import { byId, segmented, setClass, setText } from "../dom.js";
import { NONE, clockSeconds, price, signed } from "../pure/numbers.js";
import { chosen, on, quoteOf } from "../store.js";
import { drawMarks } from "./chart-marks.js";
import { chartOf } from "./history.js";
import { changeOf, decimalsFor, isStale, midOf } from "./prices.js";

const SPANS = [["60", "1m"], ["300", "5m"], ["900", "15m"], ["3600", "1h"], ["86400", "Day"]];
const SPREAD_HEIGHT = 74;
let span = 900;
let data = null;
let plots = null;
let lastPaint = 0;
let soon = 0;
let later = 0;
/** Between two drawings. */
const EVERY = 400;

export function startChart() {
  byId("chart-spans").append(
    segmented("Span of the chart", SPANS, String(span), (value) => {
      span = Number(value);
      load();
    }),
  );
  on("symbol", load);
  on("link", load);
  on("prices", tick, "trade");
  on("second", paintHead, "trade");
  on("orders executions", drawMarksSoon, "trade");
  on("theme", rebuild);
  new ResizeObserver(resize).observe(byId("chart"));
}

async function load() {
  const symbol = chosen.symbol;
  if (!symbol) return;
  const wanted = span;
  const loaded = await chartOf(symbol, wanted);
  if (symbol !== chosen.symbol || wanted !== span) return;
  data = loaded;
  rebuild();
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return { bid: of("up"), ask: of("down"), mid: of("text1"), dim: of("text3"), line: of("grid"), band: of("band"), panel: of("panel"), font: of("sans") };
}

function rebuild() {
  if (!data || typeof uPlot === "undefined") return;
  plots?.price.destroy();
  plots?.spread.destroy();
  const host = byId("chart");
  const [width, height] = [host.clientWidth, host.clientHeight];
  if (width < 50 || height < 80) {
    plots = null;
    return;
  }
  const paint = colours();
  const font = `11px ${paint.font}`;
  const spread = height > 220 ? SPREAD_HEIGHT : 0;
  plots = {
    price: new uPlot(priceOptions(paint, font, width, height - spread, spread === 0), series(), byId("chart-price")),
    spread: new uPlot(spreadOptions(paint, font, width, Math.max(spread, 40)), spreads(), byId("chart-spread")),
  };
  byId("chart-spread").hidden = spread === 0;
  paintHead();
}

/** Times of the axis: with seconds where two of them can be in one minute; none where the edge would cut it. */
const clocks = (plot, times) => times.map((time) => (plot.valToPos(time, "x") < 26 ? "" : clockSeconds(time * 1000).slice(0, times[1] - times[0] < 60 ? 8 : 5)));

/** The span, or less where the engine has run for less: half a minute at least. */
function beginning() {
  const now = Date.now() / 1000;
  const first = data.xs.length ? Math.min(data.xs[0], now - 30) : now;
  return first < now - span || !data.xs.length ? now - span : first;
}

function shared(width, height) {
  return {
    width,
    height,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: "prices" }, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: true, range: () => [beginning(), Date.now() / 1000] } },
  };
}

function axis(paint, font, more) {
  return {
    stroke: paint.dim,
    font,
    grid: { stroke: paint.line, width: 1 },
    ticks: { show: false },
    ...more,
  };
}

function priceOptions(paint, font, width, height, hasTimes) {
  const stepped = uPlot.paths.stepped({ align: 1 });
  const line = (stroke, weight) => ({ stroke, width: weight, paths: stepped, points: { show: false }, scale: "y" });
  const decimals = () => decimalsFor(chosen.symbol);
  const options = shared(width, height);
  options.scales.y = { range: (_, low, high) => padded(low, high) };
  options.axes = [
    axis(paint, font, { show: true, size: hasTimes ? 26 : 0, values: hasTimes ? clocks : () => [], space: 70 }),
    axis(paint, font, { scale: "y", side: 1, size: 58, gap: 6, incrs: steps(decimals()), values: (_, values) => values.map((value) => price(value, decimals())) }),
  ];
  options.series = [{}, line(paint.bid, 1.25), line(paint.ask, 1.25), line(paint.mid, 1.5)];
  options.bands = [{ series: [2, 1], fill: paint.band }];
  options.hooks = { draw: [(plot) => drawMarks(plot, paint, decimals())], setCursor: [paintCursor] };
  return options;
}

function spreadOptions(paint, font, width, height) {
  const options = shared(width, height);
  const decimals = () => decimalsFor(chosen.symbol);
  options.scales.y = { range: (_, low, high) => [0, (high || 0.01) * 1.25] };
  options.axes = [
    axis(paint, font, { size: 24, values: clocks, space: 70 }),
    axis(paint, font, { scale: "y", side: 1, size: 58, gap: 6, space: 18, values: (_, values) => values.map((value) => (value ? price(value, decimals()) : "")) }),
  ];
  options.series = [{}, { stroke: paint.dim, fill: paint.band, width: 1, scale: "y", paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } }];
  return options;
}

/** Between two labels of the axis of prices: what its decimals can show. */
const steps = (decimals) => Array.from({ length: 3 * (decimals + 6) }, (_, place) => [1, 2, 5][place % 3] * 10 ** (Math.floor(place / 3) - decimals));

function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = Math.max((high - low) * 0.08, 10 ** -decimalsFor(chosen.symbol) * 2);
  return [low - room, high + room];
}

/** The columns of uPlot, drawn on to now so that the last step reaches the right edge. */
function series() {
  const begin = Date.now() / 1000 - span;
  let from = data.xs.findIndex((time) => time >= begin);
  if (from < 0) from = data.xs.length;
  if (from > 0) from -= 1;
  const [xs, bids, asks] = [data.xs.slice(from), data.bids.slice(from), data.asks.slice(from)];
  if (xs.length) {
    xs.push(Math.max(Date.now() / 1000, xs[xs.length - 1] + 0.001));
    bids.push(bids[bids.length - 1]);
    asks.push(asks[asks.length - 1]);
  }
  return [xs, bids, asks, bids.map((bid, place) => (bid + asks[place]) / 2)];
}

function spreads() {
  const [xs, bids, asks] = series();
  return [xs, bids.map((bid, place) => Math.max(0, asks[place] - bid))];
}

function tick() {
  paintHead();
  // What comes too soon after a drawing is drawn a little later.
  clearTimeout(later);
  const wait = lastPaint + EVERY - performance.now();
  if (wait > 0) later = setTimeout(draw, wait);
  else draw();
}

function draw() {
  if (!plots || chosen.view !== "trade") return;
  lastPaint = performance.now();
  plots.price.setData(series());
  plots.spread.setData(spreads());
}

/** However many orders and fills come meanwhile, they are drawn once. */
function drawMarksSoon() {
  soon ||= setTimeout(() => {
    soon = 0;
    plots?.price.redraw(false);
  }, EVERY);
}

function paintHead() {
  const quote = quoteOf(chosen.symbol);
  const decimals = chosen.symbol ? decimalsFor(chosen.symbol) : 2;
  setText(byId("chart-symbol"), chosen.symbol ?? "");
  setText(byId("chart-mid"), price(midOf(quote), decimals));
  const change = changeOf(quote);
  const text = signed(change, decimals);
  const way = !/[1-9]/.test(text) ? "" : change > 0 ? "up" : "down";
  setText(byId("chart-change"), { up: "\u25b2", down: "\u25bc", "": "" }[way] + text);
  setClass(byId("chart-change"), way);
  paintWaiting();
  if (!plots?.price.cursor.idx) paintLegend(null, Number(quote?.bid), Number(quote?.ask));
}

/** Why there is nothing, or nothing of before this page was opened. */
function paintWaiting() {
  const host = byId("chart-nothing");
  const isCut = Boolean(data?.error && data.xs.length);
  const words = isCut ? `Only since this page was opened: ${data.error}` : data && !data.xs.length ? data.error ?? "The first prices of this symbol will be drawn here." : "";
  setClass(host, isCut ? "cut warn" : "empty");
  setText(host, words);
}

function paintCursor(plot) {
  const at = plot.cursor.idx;
  if (at === null || at === undefined) return;
  paintLegend(plot.data[0][at] * 1000, plot.data[1][at], plot.data[2][at]);
}

function paintLegend(time, bid, ask) {
  const decimals = chosen.symbol ? decimalsFor(chosen.symbol) : 2;
  const known = Number.isFinite(bid) && Number.isFinite(ask);
  setText(byId("legend-time"), time ? clockSeconds(time) : isStale(quoteOf(chosen.symbol)) ? "old" : "now");
  setText(byId("legend-bid"), known ? price(bid, decimals) : NONE);
  setText(byId("legend-ask"), known ? price(ask, decimals) : NONE);
  setText(byId("legend-mid"), known ? price((bid + ask) / 2, decimals) : NONE);
  setText(byId("legend-spread"), known ? price(ask - bid, decimals) : NONE);
}

let resizing = 0;
function resize() {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(rebuild);
}
