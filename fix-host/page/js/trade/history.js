// The prices of the last minutes and hours: asked for once, then gone on with from the stream.

import { get, inPath } from "../api.js";
import { number } from "../pure/numbers.js";
import { changed, isLive, on, state } from "../store.js";

const SPARK_SPAN = 300;
const SPARK_POINTS = 44;
/** As many points as a chart has at most: no screen shows more. */
const POINTS = 1200;
/** By symbol: { xs, bids, asks } in seconds since 1970, over its span, for the chart; only the symbols that were charted. */
const charted = new Map();
/** By symbol: the mids of the last five minutes as [seconds, mid]. */
const sparks = new Map();
const drawn = new Map();
/** The symbols whose last minutes were asked for. */
const asked = new Set();

export function startHistory() {
  on("whole:prices", () => {
    for (const quote of state.prices) if (!asked.has(quote.symbol)) askForSpark(quote.symbol);
  });
  on("prices", () => {
    for (const quote of state.prices) if (quote.isNew || !sparks.has(quote.symbol)) goOn(quote);
  });
  on("link", () => {
    if (isLive()) charted.clear();
  });
}

async function askForSpark(symbol) {
  asked.add(symbol);
  const points = await points_of(symbol, SPARK_SPAN).catch(() => []);
  if (!points.length) return;
  const mids = points.map(([time, bid, ask]) => [time / 1000, (Number(bid) + Number(ask)) / 2]);
  const known = sparks.get(symbol) ?? [];
  const last = mids[mids.length - 1][0];
  sparks.set(symbol, [...mids, ...known.filter(([time]) => time > last)]);
  drawn.delete(symbol);
  changed("prices");
}

async function points_of(symbol, span) {
  const answer = await get(`/api/prices/history?symbol=${inPath(symbol)}&span=${span}`);
  return (answer.points ?? []).filter(([, bid, ask]) => number(bid) !== null && number(ask) !== null);
}

function goOn(quote) {
  const [bid, ask] = [number(quote.bid), number(quote.ask)];
  if (bid === null || ask === null) return;
  const now = (number(quote.time) ?? Date.now()) / 1000;
  const mids = sparks.get(quote.symbol) ?? [];
  const last = mids[mids.length - 1];
  if (last && now - last[0] < 2) last[1] = (bid + ask) / 2;
  else mids.push([now, (bid + ask) / 2]);
  while (mids.length && mids[0][0] < now - SPARK_SPAN) mids.shift();
  sparks.set(quote.symbol, mids);
  drawn.delete(quote.symbol);
  const chart = charted.get(quote.symbol);
  if (chart && !chart.isWaiting) append(chart, now, bid, ask);
}

/** A point more, or the last one anew where it would be too near to the one before it. */
function append(chart, now, bid, ask) {
  const last = chart.xs.length - 1;
  if (last >= 0 && (now <= chart.xs[last] || (last > 0 && now - chart.xs[last - 1] < chart.span / POINTS))) {
    chart.xs[last] = Math.max(now, chart.xs[last]);
    chart.bids[last] = bid;
    chart.asks[last] = ask;
    return;
  }
  if (last > POINTS * 1.5) {
    const old = chart.xs.findIndex((time) => time >= now - chart.span) - 1;
    for (const list of [chart.xs, chart.bids, chart.asks]) list.splice(0, Math.max(0, old));
  }
  chart.xs.push(now);
  chart.bids.push(bid);
  chart.asks.push(ask);
}

/** The points of a sparkline, in a field of 44 by 16. */
export function sparkOf(symbol) {
  const known = drawn.get(symbol);
  if (known !== undefined) return known;
  const text = sparkText(sparks.get(symbol) ?? []);
  drawn.set(symbol, text);
  return text;
}

function sparkText(mids) {
  if (mids.length < 2) return "";
  const every = Math.max(1, Math.floor(mids.length / SPARK_POINTS));
  const some = mids.filter((_, place) => (mids.length - 1 - place) % every === 0);
  const values = some.map(([, mid]) => mid);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [begin, end] = [some[0][0], some[some.length - 1][0]];
  return some
    .map(([time, mid]) => {
      const x = 1 + (42 * (time - begin)) / (end - begin || 1);
      const y = high > low ? 14 - (12 * (mid - low)) / (high - low) : 8;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** What the chart of a symbol shows over `span` seconds; `error` says why there is nothing. */
export async function chartOf(symbol, span) {
  const known = charted.get(symbol);
  if (known?.span === span) return known;
  const chart = { xs: [], bids: [], asks: [], span, isWaiting: true, error: null };
  charted.set(symbol, chart);
  try {
    for (const [time, bid, ask] of await points_of(symbol, span)) append(chart, time / 1000, Number(bid), Number(ask));
  } catch (problem) {
    chart.error = problem.message;
    for (const [time, mid] of sparks.get(symbol) ?? []) append(chart, time, mid, mid);
  }
  chart.isWaiting = false;
  return chart;
}
