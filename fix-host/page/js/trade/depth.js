// The ladder of the chosen symbol, where its source has depth: the exchange of this process, or a counterparty that was asked
// for it.

import { get, inPath } from "../api.js";
import { byId, el, empty, setClass, setText, setTitle } from "../dom.js";
import { NONE, clockSeconds, number, price, quantity, shortQuantity } from "../pure/numbers.js";
import { about, chosen, isLive, on, quoteOf, state } from "../store.js";
import { want } from "../stream.js";
import { act } from "../actions.js";
import { decimalsFor, exactly, midOf } from "./prices.js";

/** So often the book is asked for, and at most so often where its best prices move. */
const EVERY = 500;
const SOON = 120;
let levels = 5;
/** On a narrow screen it lies below: it is followed while it can be seen. */
let isSeen = true;
let book = null;
let said = null;
let rows = null;
let timer = 0;
let askedAt = 0;
let isAsking = false;
/** The best price moved while the book was asked for. */
let hasMoved = false;

export function startDepth() {
  build();
  on("symbol view link about", ask);
  on("view about", follow);
  on("depth", takeSubscribed, "trade");
  on("orders", paint, "trade");
  on("prices", () => quoteOf(chosen.symbol)?.isNew && askSoon(), "trade");
  document.addEventListener("visibilitychange", ask);
  new IntersectionObserver((changes) => {
    isSeen = changes.at(-1).isIntersecting;
    follow();
    ask();
  }).observe(byId("depth").closest(".split"));
  new ResizeObserver(([entry]) => {
    const fitting = Math.max(2, Math.min(10, Math.floor((entry.contentRect.height / 18.5 - 1) / 2)));
    if (fitting === levels) return;
    levels = fitting;
    build();
    paint();
  }).observe(byId("depth"));
}

function follow() {
  for (const topic of ["depth", "trades"]) want(topic, isSubscribed() && chosen.view === "trade" && isSeen);
}

/** A session asks its counterparty for the market: the stream tells of it. */
const isSubscribed = () => !about.known?.exchange && Number.isFinite(about.known?.marketDepth);

const HOW = "It shows with MarketData=subscribe and MarketDepth=0 in the configuration, and with the exchange of fix-host demo.";

/** The book as a counterparty tells of it. */
function takeSubscribed() {
  if (!isSubscribed()) return;
  // One that is asked for anew is another one by now.
  book = state.places.has("depth") && state.depth?.symbol === chosen.symbol ? state.depth : null;
  said = null;
  if (!chosen.symbol) said = "It shows once prices of a symbol have come.";
  else if (!book) said = state.places.has("depth") && state.depth === null ? `No session asks for ${chosen.symbol}.` : "Asking the engine for it\u2026";
  else if (!book.bids.length && !book.asks.length && (book.refusal || book.stale)) said = whyStale();
  paint();
}

/** Why the book may not hold any more. */
const whyStale = () => (book.refusal ? `The counterparty of ${book.session}: ${book.refusal}` : `${book.session} has told nothing of it since it logged on last, or is not logged on.`);

/** The best price of the book is another one: its levels are too. */
function askSoon() {
  hasMoved = true;
  if (isAsking || (about.known && !about.known.exchange)) return;
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(0, SOON - (performance.now() - askedAt)));
}

/** Asks for the book again and again while it is looked at. */
async function ask() {
  clearTimeout(timer);
  const symbol = chosen.symbol;
  if (!symbol || chosen.view !== "trade" || document.hidden || !isSeen || !isLive()) return;
  if (isSubscribed()) return takeSubscribed();
  if (about.known && !about.known.exchange) {
    [book, said] = [null, HOW];
    paint();
    return;
  }
  [askedAt, isAsking, hasMoved] = [performance.now(), true, false];
  const [answer, problem] = await get(`/api/exchange/book/${inPath(symbol)}`).then((found) => [found, null], (failure) => [null, failure]);
  isAsking = false;
  if (symbol !== chosen.symbol) return;
  [book, said] = [answer, problem?.message ?? null];
  paint();
  clearTimeout(timer);
  timer = setTimeout(ask, hasMoved ? SOON : EVERY);
}

function build() {
  const line = (side) => {
    const cells = ["bid", "price", "ask", "mine"].map((name) => el("div", { class: `td ${name}`, role: "cell" }));
    const row = el("div", { class: `level ${side}`, role: "row", on: { click: () => pick(row, side) } }, ...cells);
    row.cells = cells;
    return row;
  };
  const middle = el("div", { class: "level middle", role: "row" }, el("div", { role: "cell" }));
  rows = { asks: Array.from({ length: levels }, () => line("ask")), middle, bids: Array.from({ length: levels }, () => line("bid")) };
  byId("depth").replaceChildren(...rows.asks, middle, ...rows.bids);
}

function pick(row, side) {
  // What may not hold any more is no price to trade at.
  if (row.value === undefined || book?.stale) return;
  // A click on what others ask is a wish to buy there.
  act("ticket:fill", { symbol: book.symbol, side: side === "ask" ? "BUY" : "SELL", price: exactly(row.value, book.symbol) });
}

function paint() {
  const isTop = isSubscribed() && book?.marketDepth === 1;
  setText(byId("depth-of"), `${chosen.symbol ?? ""}${isTop ? "  best price alone: MarketDepth=0 asks for all" : ""}`);
  const isEmpty = book && !book.bids.length && !book.asks.length;
  const words = said ? ["No depth", said] : isEmpty ? ["The book is empty", isSubscribed() ? `The counterparty of ${book.session} tells of no prices.` : "Orders that rest show here; the simulated market quotes at the best bid and ask."] : null;
  const box = byId("depth-nothing");
  const key = words?.join() ?? "";
  if (box.key !== key) {
    box.key = key;
    box.replaceChildren(...(words ? [empty(...words)] : []));
    byId("depth").hidden = Boolean(words);
  }
  if (!book || words) return;
  const most = Math.max(1, ...[...book.bids, ...book.asks].slice(0, 40).map((level) => number(level.qty) ?? 0));
  const mine = ownOrders();
  rows.asks.forEach((row, place) => paintLevel(row, book.asks[levels - 1 - place], "ask", most, mine));
  rows.bids.forEach((row, place) => paintLevel(row, book.bids[place], "bid", most, mine));
  const quote = quoteOf(chosen.symbol);
  const decimals = decimalsFor(chosen.symbol);
  const [bid, ask] = [number(book.bids[0]?.price ?? quote?.bid), number(book.asks[0]?.price ?? quote?.ask)];
  const apart = bid !== null && bid > ask ? "crossed by" : "spread";
  const spread = bid !== null && ask !== null ? `${apart} ${price(Math.abs(ask - bid), decimals)}, mid ${price((bid + ask) / 2, decimals)}` : `mid ${price(midOf(quote), decimals)}`;
  setText(rows.middle.firstElementChild, book.stale ? `STALE since ${clockSeconds(number(book.time) * 1000)}` : spread);
  setTitle(rows.middle, book.stale ? whyStale() : "");
  setClass(byId("depth"), `levels ${book.stale ? "stale" : ""}`);
}

/** What of ours rests at each price. */
function ownOrders() {
  const mine = new Map();
  for (const order of state.orders.values()) {
    if (!order.working || order.symbol !== chosen.symbol || number(order.price) === null || order.state === "REPLACED") continue;
    const key = `${order.side === "BUY" ? "bid" : "ask"} ${Number(order.price)}`;
    mine.set(key, (mine.get(key) ?? 0) + (number(order.leavesQty) ?? number(order.qty) ?? 0));
  }
  return mine;
}

function paintLevel(row, level, side, most, mine) {
  const [bid, at, ask, own] = row.cells;
  row.value = level?.price;
  setClass(row, `level ${side} ${level ? "" : "none"}`);
  setText(at, level ? exactly(level.price, chosen.symbol) : "");
  const size = side === "bid" ? bid : ask;
  setText(size, !level ? "" : number(level.qty) === null ? NONE : shortQuantity(level.qty));
  setTitle(size, level && number(level.qty) !== null ? quantity(level.qty) : "");
  const share = level ? `${Math.round((100 * (number(level.qty) ?? 0)) / most)}%` : "0%";
  if (size.share !== share) {
    size.share = share;
    size.style.setProperty("--share", share);
  }
  const held = level ? mine.get(`${side} ${Number(level.price)}`) : 0;
  setText(own, held ? shortQuantity(held) : "");
  setTitle(own, held ? quantity(held) : "");
}
