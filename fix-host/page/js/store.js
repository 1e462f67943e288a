// The state of the page, and when it is painted: once a frame of the screen, and only what is new.

import { emptyState, take } from "./pure/stream-state.js";
import { tradable } from "./pure/order.js";

export const state = emptyState();
/** What /api/about said, null until it did; and whether this is an exchange alone, of which nobody trades. */
export const about = { known: null, isAlone: false };
/** Whether the stream runs: "connecting", "live", "lost"; since when, and when it is tried again. */
export const link = { status: "connecting", since: performance.now(), retryAt: 0, bytes: 0, resyncs: 0 };
/** What the user looks at. */
export const chosen = { symbol: null, session: null, view: "trade", search: null, file: null };

const listeners = new Map();
/** Of what only one view shows, that view; and what of it is to be painted once it is looked at. */
const views = new Map();
const late = new Set();
const dirty = new Set();
let isAsked = false;
/** When the oldest price that is not yet painted came in, and how long it took to take what came in since the last frame. */
let cameIn = 0;
let taking = 0;

/** Calls `paint` before the next frame of the screen after one of `topics` changed; what a view shows, when it is looked at. */
export function on(topics, paint, view = null) {
  if (view) views.set(paint, view);
  for (const topic of topics.split(" ")) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(paint);
  }
}

export function changed(topic) {
  dirty.add(topic);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(paintAll);
}

function paintAll() {
  isAsked = false;
  const begin = performance.now();
  const paints = new Set(dirty.has("view") ? late : []);
  for (const topic of dirty) for (const paint of listeners.get(topic) ?? []) paints.add(paint);
  const hasPrices = dirty.has("prices");
  dirty.clear();
  for (const paint of paints) {
    const isShown = (views.get(paint) ?? chosen.view) === chosen.view;
    late[isShown ? "delete" : "add"](paint);
    if (!isShown) continue;
    try {
      paint();
    } catch (problem) {
      console.error(problem);
    }
  }
  if (hasPrices) for (const quote of state.prices) quote.isNew = false;
  // Charts are drawn at the end of the task in which they were given their data.
  queueMicrotask(() => measure(begin, hasPrices));
}

/** Takes a frame of the stream, which came in at `since`; true where what is known must be asked for anew. */
export function receive(frame, since) {
  const { changed: topics, lost } = take(state, frame);
  // A table that is told whole is no price that moved.
  if (topics.has("prices") && !topics.has("whole:prices") && !cameIn) cameIn = since;
  for (const topic of topics) changed(topic);
  taking += performance.now() - since;
  return lost;
}

const KEPT = 10_000;
/** How long prices took from the socket to the screen, and the page's own work for a frame, in milliseconds. */
export const timing = { painted: [], work: [] };

function measure(begin, hasPrices) {
  const since = hasPrices ? cameIn : 0;
  if (hasPrices) cameIn = 0;
  timing.work.push(performance.now() - begin + taking);
  taking = 0;
  if (timing.work.length > KEPT) timing.work.shift();
  if (!since || document.hidden) return;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    timing.painted.push(performance.now() - since);
    if (timing.painted.length > KEPT) timing.painted.shift();
    channel.port1.close();
  };
  channel.port2.postMessage(0);
}

/** The value below which the part `share` of `values` lies; NaN without values. */
export function percentile(values, share) {
  if (!values.length) return NaN;
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))];
}

export function choose(what, value) {
  if (chosen[what] === value) return;
  chosen[what] = value;
  changed(what);
}

export const isLive = () => link.status === "live";

export const quoteOf = (symbol) => state.prices.find((quote) => quote.symbol === symbol) ?? null;

/** What /api/about says of a symbol: how it is shown, its tick. */
export function instrument(symbol) {
  const known = about.known?.symbols?.find((one) => one.symbol === symbol);
  return known ?? { symbol, display: "decimal", tick: null, priceDecimals: null };
}

export const symbols = () => tradable(state.prices, about.known?.symbols);

export const isReadOnly = () => Boolean(about.known?.readOnly);

/** Whether there is somebody who may trade, and something to trade with. */
export const mayTrade = () => !isReadOnly() && !about.isAlone;
