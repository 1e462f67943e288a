// The table of prices: what moved flashes, what is old is hatched and says its age.

import { byId, el, segmented, setClass, setText, svg } from "../dom.js";
import { parseFilter, passes } from "../pure/filter.js";
import { NONE, age, bigFigure, decimalsAmong, decimalsOf, number, price, signed, thirtySeconds } from "../pure/numbers.js";
import { changed, choose, chosen, instrument, isLive, on, quoteOf, state } from "../store.js";
import { Table } from "../table.js";
import { act } from "../actions.js";
import { sparkOf } from "./history.js";

/** After so many milliseconds without a word a price is stale. */
const STALE = 5000;
let table;
let filter = parseFilter("", []);
let notation = "both";
const seenDecimals = new Map();

/** The decimals of a symbol: those of its tick, or the most that its prices have shown. */
export function decimalsFor(symbol) {
  const known = instrument(symbol);
  if (known.priceDecimals !== null && known.priceDecimals !== undefined) return known.priceDecimals;
  if (known.tick) return decimalsOf(known.tick);
  const quote = quoteOf(symbol);
  // The stream writes prices with the instrument's decimals, the zeros at their end included.
  const written = Math.max(0, ...[quote?.bid, quote?.ask].map((text) => String(text ?? "").split(".")[1]?.length ?? 0));
  const most = Math.max(written, seenDecimals.get(symbol) ?? 2);
  seenDecimals.set(symbol, most);
  return most;
}

/** A price of the symbol in its decimals, or in more where it has more: none is rounded to another one. */
export const exactly = (value, symbol) => price(value, decimalsAmong([value], decimalsFor(symbol)));

export function midOf(quote) {
  const [bid, ask] = [number(quote?.bid), number(quote?.ask)];
  return bid === null || ask === null ? null : (bid + ask) / 2;
}

export function changeOf(quote) {
  const [mid, open] = [midOf(quote), number(quote?.open)];
  return mid === null || open === null ? null : mid - open;
}

export function ageOf(quote) {
  const time = number(quote?.time);
  return time === null ? NaN : Math.max(0, Date.now() - time);
}

export const isStale = (quote) => !isLive() || quote?.stale === true || ageOf(quote) > STALE;

/** `96-085` where the symbol is quoted in 32nds, or what stands for nothing. */
export function in32nds(symbol, value) {
  return instrument(symbol).display === "32nds" ? thirtySeconds(value) : { text: NONE, exact: true };
}

export function startPrices() {
  const host = byId("prices");
  table = new Table(host, {
    label: "Prices",
    class: "prices",
    rowHeight: matchMedia("(max-width: 767px)").matches ? 30 : 24,
    id: (quote) => quote.symbol,
    columns: columns(),
    rowClass: (quote) => (isStale(quote) ? "stale" : ""),
    onChoose: (quote) => choose("symbol", quote.symbol),
    onClick: (quote, event) => fillTicket(quote, event),
    onOpen: (quote) => act("ticket", { symbol: quote.symbol }),
    empty: nothing,
  });
  const field = byId("prices-filter");
  field.addEventListener("input", () => {
    filter = parseFilter(field.value, []);
    field.title = filter.error ?? "";
    field.setAttribute("aria-invalid", String(Boolean(filter.error)));
    changed("prices");
  });
  byId("prices-notation").append(
    segmented("Notation of prices", [["both", "Dec + 32nds"], ["decimal", "Dec"]], notation, (value) => {
      notation = value;
      byId("prices").dataset.notation = value;
      changed("prices");
    }),
  );
  on("whole:prices", () => !chosen.symbol && state.prices.length && choose("symbol", (quoteOf("10Y") ?? state.prices[0]).symbol));
  on("prices link about second", paint, "trade");
  on("symbol", () => table.choose(chosen.symbol));
}

function columns() {
  const dec = (quote) => decimalsFor(quote.symbol);
  return [
    { key: "symbol", title: "Symbol", class: "strong", value: (quote) => quote.symbol },
    { key: "spark", title: "5 min", class: "spark", isFixed: true, paint: paintSpark },
    { key: "bid", title: "Bid", class: "num", value: (quote) => number(quote.bid), paint: (cell, quote) => paintPrice(cell, quote, "bid") },
    { key: "ask", title: "Ask", class: "num", value: (quote) => number(quote.ask), paint: (cell, quote) => paintPrice(cell, quote, "ask") },
    { key: "mid", title: "Mid \u224832", class: "num dim wide", value: midOf, text: midText },
    { key: "change", title: "Change", class: "num change", value: changeOf, paint: paintChange },
    { key: "vwap", title: "VWAP", class: "num dim wide", value: (quote) => number(quote.vwap), text: (quote) => price(quote.vwap, dec(quote)) },
    { key: "age", title: "Age", class: "num age", value: ageOf, paint: paintAge },
  ];
}

function midText(quote) {
  if (notation === "decimal") return price(midOf(quote), decimalsFor(quote.symbol));
  return in32nds(quote.symbol, midOf(quote)).text;
}

function paint() {
  const rows = filter.terms.length ? state.prices.filter((quote) => passes(filter, { symbol: quote.symbol })) : state.prices;
  setText(byId("prices-count"), state.prices.length ? `${state.prices.length} symbols` : "");
  table.setRows(rows);
  if (table.chosen !== chosen.symbol) table.choose(chosen.symbol);
}

function nothing() {
  if (filter.terms.length && state.prices.length)
    return el("div", { class: "empty" }, el("b", { text: "No symbol matches" }), el("p", { text: `${state.prices.length} are hidden by the filter.` }));
  if (!isLive()) return el("div", { class: "empty" }, el("p", { text: "Asking the engine for prices\u2026" }));
  return el(
    "div",
    { class: "empty" },
    el("b", { text: "No prices" }),
    el("p", { text: "Neither a simulator nor a counterparty has said any. MarketData=simulate in the configuration brings made-up ones, MarketData=subscribe those of the counterparty." }),
  );
}

/** Bid or ask: the glyph of its last move, the big figure, the digits that change; flashes when it moved. */
function paintPrice(cell, quote, side) {
  if (!cell.parts) {
    cell.parts = [el("i", { "aria-hidden": "true" }), el("span", { class: "figure" }), el("span", { class: "digits" })];
    cell.append(...cell.parts);
  }
  const [glyph, figure, digits] = cell.parts;
  cell.price = price(quote[side], decimalsFor(quote.symbol));
  const [big, rest] = bigFigure(cell.price);
  setText(figure, big);
  setText(digits, rest);
  const moved = quote[`${side}Move`];
  if (quote.isNew && moved) {
    setText(glyph, moved > 0 ? "\u25b2" : "\u25bc");
    // Two names for one animation: another name begins it anew without asking for the layout.
    cell.turn = cell.turn === "a" ? "b" : "a";
    setClass(cell, `td num flash ${moved > 0 ? "up" : "down"} ${cell.turn}`);
  } else if (cell.symbol !== quote.symbol) setClass(cell, "td num");
  cell.symbol = quote.symbol;
}

function paintChange(cell, quote) {
  const change = changeOf(quote);
  const text = signed(change, decimalsFor(quote.symbol));
  const way = /^\+/.test(text) ? "up" : change !== null && Number(change.toFixed(9)) < 0 ? "down" : "same";
  const glyph = { up: "\u25b2", down: "\u25bc", same: "" }[/[1-9]/.test(text) ? way : "same"];
  setText(cell, glyph + text);
  setClass(cell, `td num change ${glyph ? way : ""}`);
}

function paintAge(cell, quote) {
  const old = ageOf(quote);
  setText(cell, Number.isFinite(old) ? age(old) : NONE);
  setClass(cell, `td num age ${isLive() && isStale(quote) ? "tagged" : ""}`);
}

function paintSpark(cell, quote) {
  if (!cell.line) {
    cell.line = svg("polyline", { fill: "none" });
    cell.append(svg("svg", { viewBox: "0 0 44 16", width: "44", height: "16", "aria-hidden": "true" }, cell.line));
  }
  const points = sparkOf(quote.symbol);
  if (cell.shownPoints === points) return;
  cell.shownPoints = points;
  cell.line.setAttribute("points", points);
}

/**
 * A click on a price fills the ticket: on the ask to buy, on the bid to sell; a stale one asks first. The price is that which
 * stands there: one that came since was not seen.
 */
function fillTicket(quote, event) {
  const cell = event.target.closest(".td");
  const place = cell ? [...cell.parentElement.children].indexOf(cell) : -1;
  const side = place === 3 ? "BUY" : place === 2 ? "SELL" : null;
  if (!side || cell.price === NONE) return;
  const fill = { symbol: quote.symbol, side, price: cell.price };
  if (isStale(quote)) fill.warning = `This price is ${age(ageOf(quote))} old: check it before you send.`;
  act("ticket:fill", fill);
}
