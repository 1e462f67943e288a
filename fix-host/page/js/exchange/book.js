// The book of the chosen instrument, as the exchange has it.

import { get, inPath } from "../api.js";
import { byId, el, empty, setClass, setText, setTitle } from "../dom.js";
import { decimalsAmong, number, price, quantity, shortQuantity } from "../pure/numbers.js";
import { chosen, isLive, state } from "../store.js";
import { decimalsFor, exactly } from "../trade/prices.js";
import { phaseWord } from "./phases.js";

const LEVELS = 10;
const EVERY = 500;
let book = null;
let error = null;
let rows;
let timer = 0;

export function buildBook() {
  const line = (side) => {
    const cells = ["orders", "bid", "price", "ask", "orders"].map((name) => el("div", { class: `td ${name}`, role: "cell" }));
    const row = el("div", { class: `level ${side}`, role: "row" }, ...cells);
    row.cells = cells;
    return row;
  };
  rows = { asks: Array.from({ length: LEVELS }, () => line("ask")), bids: Array.from({ length: LEVELS }, () => line("bid")), middle: el("div", { class: "level middle", role: "row" }, el("div", { role: "cell" })) };
  const head = el("div", { role: "rowgroup" }, el("div", { class: "thead level five", role: "row" }, ...[["orders", "Orders"], ["bid num", "Bid size"], ["price", "Price"], ["ask", "Ask size"], ["orders num", "Orders"]].map(([name, text]) => el("div", { class: `th ${name}`, role: "columnheader", text }))));
  return el("div", { class: "tablelike", role: "table", "aria-label": "Book" }, head, el("div", { class: "levels tall", role: "rowgroup" }, ...rows.asks, rows.middle, ...rows.bids), el("div", { id: "book-nothing" }));
}

export function forgetBook() {
  book = null;
}

/** Asks for the book while it is looked at. */
export async function askBook() {
  clearTimeout(timer);
  const symbol = chosen.symbol;
  if (!symbol || chosen.view !== "exchange" || document.hidden || !isLive()) return;
  try {
    book = await get(`/api/exchange/book/${inPath(symbol)}`);
    error = null;
  } catch (problem) {
    [book, error] = [null, problem.message];
  }
  paintBook();
  clearTimeout(timer);
  timer = setTimeout(askBook, EVERY);
}

export function paintBook() {
  const phase = state.exchange?.venue?.instruments.find((one) => one.symbol === chosen.symbol)?.phase;
  setText(byId("book-about"), `${chosen.symbol ?? ""}  ${phaseWord(phase)[1]}`);
  const nothing = byId("book-nothing");
  if (nothing.said !== error) {
    nothing.said = error;
    nothing.replaceChildren(...(error ? [empty("No book", error)] : []));
  }
  const known = book && book.symbol === chosen.symbol ? book : { bids: [], asks: [] };
  const most = Math.max(1, ...[...known.bids.slice(0, LEVELS), ...known.asks.slice(0, LEVELS)].map((level) => number(level.qty)));
  rows.asks.forEach((row, place) => paintLevel(row, known.asks[LEVELS - 1 - place], 3, 4, most));
  rows.bids.forEach((row, place) => paintLevel(row, known.bids[place], 1, 0, most));
  const [bid, ask] = [number(known.bids[0]?.price), number(known.asks[0]?.price)];
  setText(rows.middle.firstElementChild, bid !== null && ask !== null ? `spread ${price(ask - bid, decimalsAmong([bid, ask], decimalsFor(chosen.symbol)))}` : "no spread");
}

function paintLevel(row, level, sizeAt, ordersAt, most) {
  const { cells } = row;
  setClass(row, `level ${sizeAt === 3 ? "ask" : "bid"} ${level ? "" : "none"}`);
  setText(cells[2], level ? exactly(level.price, chosen.symbol) : "");
  setText(cells[sizeAt], level ? shortQuantity(level.qty) : "");
  setTitle(cells[sizeAt], level ? quantity(level.qty) : "");
  setText(cells[ordersAt], level ? String(level.orders) : "");
  cells[sizeAt].style.setProperty("--share", level ? `${Math.round((100 * number(level.qty)) / most)}%` : "0%");
}
