// The trades of the chosen symbol: those that a counterparty tells of, or else what its source says was traded last; and our
// own fills with their quantities.

import { byId, el, empty, setClass, setText, setTitle } from "../dom.js";
import { reportTime, tradesOf } from "../pure/chains.js";
import { clockSeconds, number, price, quantity, shortQuantity } from "../pure/numbers.js";
import { merged } from "../pure/prints.js";
import { chosen, on, quoteOf, state } from "../store.js";
import { decimalsFor } from "./prices.js";

const KEPT = 60;
/** By symbol: what was said to be traded last since this page looks, newest first, as { time, price }; and the last price. */
const said = new Map();
let lines = [];

export function startTape() {
  const host = byId("tape");
  new ResizeObserver(([entry]) => {
    const count = Math.max(1, Math.floor(entry.contentRect.height / 18.5));
    if (count === lines.length) return;
    lines = Array.from({ length: count }, newLine);
    host.replaceChildren(...lines);
    paint();
  }).observe(host);
  on("prices", note);
  on("prices symbol executions trades", paint, "trade");
}

function newLine() {
  const cells = ["time", "price", "qty"].map((name) => el("div", { class: `td ${name}`, role: "cell" }));
  const line = el("div", { class: "print", role: "row" }, ...cells);
  line.cells = cells;
  return line;
}

function note() {
  for (const quote of state.prices) {
    const last = number(quote.last);
    if (last === null) continue;
    const known = said.get(quote.symbol);
    // Nobody says when that was traded which stands there at first.
    if (!known) said.set(quote.symbol, { last, trades: [] });
    if (!known || known.last === last) continue;
    known.last = last;
    known.trades.unshift({ time: number(quote.time) ?? Date.now(), price: last });
    known.trades.length = Math.min(known.trades.length, KEPT);
  }
}

function trades() {
  const own = [];
  const known = tradesOf(state.executions);
  for (let place = known.length - 1; place >= 0 && own.length < KEPT; place -= 1) {
    const { report, price: at, qty, isBusted } = known[place];
    if (report.symbol === chosen.symbol && !isBusted) own.push({ time: reportTime(report), price: at, qty, side: report.side });
  }
  return merged(own, toldOf(chosen.symbol));
}

/** The trades of others, and what of ours is told with them. */
function toldOf(symbol) {
  if (state.trades?.symbol !== symbol) return said.get(symbol)?.trades ?? [];
  return state.trades.trades.map((one) => ({ time: number(one.time) * 1000, price: number(one.price), qty: number(one.qty) }));
}

function paint() {
  setText(byId("tape-of"), chosen.symbol ?? "");
  const all = trades();
  const nothing = byId("tape-nothing");
  const isEmpty = !all.length;
  if (nothing.isEmpty !== isEmpty) {
    nothing.isEmpty = isEmpty;
    nothing.replaceChildren(...(isEmpty ? [empty("No trades yet", "Your fills and the last trades of the source show here.")] : []));
  }
  const decimals = chosen.symbol && quoteOf(chosen.symbol) ? decimalsFor(chosen.symbol) : 2;
  lines.forEach((line, place) => {
    const trade = all[place];
    const before = all[place + 1];
    const [time, at, qty] = line.cells;
    setText(time, trade ? clockSeconds(trade.time) : "");
    const way = !trade ? "" : trade.side === "BUY" || (before && trade.price > before.price) ? "up" : trade.side === "SELL" || (before && trade.price < before.price) ? "down" : "";
    setText(at, trade ? { up: "\u25b2", down: "\u25bc", "": "" }[way] + price(trade.price, decimals) : "");
    setClass(at, `td price ${way}`);
    setText(qty, trade?.qty ? shortQuantity(trade.qty) : "");
    setTitle(qty, trade?.qty ? quantity(trade.qty) : "");
    setClass(line, `print ${trade?.side ? "mine" : ""}`);
  });
}
