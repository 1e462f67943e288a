// What the exchange traded, newest last order first, to take back by hand.

import { get } from "../api.js";
import { button, byId, el, empty, setText } from "../dom.js";
import { number, quantity } from "../pure/numbers.js";
import { natural } from "../pure/rows.js";
import { isLive, isReadOnly, state } from "../store.js";
import { SIDE } from "../columns.js";
import { Table } from "../table.js";
import { exactly } from "../trade/prices.js";
import { isSecondPress } from "../twice.js";
import { command } from "./commands.js";
import { openCorrection } from "./by-hand.js";

const EVERY = 1000;
let table;
/** The orders with those that have ended: the stream tells the live ones only. */
let all = [];
let askedAt = -Infinity;

export function buildTrades() {
  const host = el("div", { class: "tablehost" });
  table = new Table(host, {
    label: "Fills of the exchange",
    class: "venueexecs",
    id: (one) => one.execID,
    empty: () => empty("No fills yet", "What trades here can be corrected or taken back by hand."),
    columns: [
      { key: "exec", title: "ExecID", class: "mono", value: (one) => one.execID },
      { key: "id", title: "ClOrdID", class: "mono", value: (one) => one.clOrdID },
      SIDE,
      { key: "qty", title: "Qty", class: "num", value: (one) => number(one.lastQty), text: (one) => quantity(one.lastQty) },
      { key: "symbol", title: "Symbol", class: "strong", value: (one) => one.symbol },
      { key: "price", title: "Price", class: "num", value: (one) => number(one.lastPx), text: (one) => exactly(one.lastPx, one.symbol) },
      { key: "do", title: "", class: "do wide2", isFixed: true, paint: paintButtons },
    ],
  });
  return host;
}

function paintButtons(cell, one) {
  if (!cell.buttons) {
    cell.buttons = [
      button("Correct", () => openCorrection(cell.execution), { tabindex: "-1" }),
      button("Bust", (event) => isSecondPress(event.currentTarget, "Sure?") && command("bust", { execution: cell.execution.execID }, `Bust ${cell.execution.execID}`), { tabindex: "-1", title: "Its quantity is open again: an order that can trade trades at once" }),
    ];
    cell.append(el("span", { class: "inrow" }, ...cell.buttons));
  }
  cell.execution = one;
  for (const button of cell.buttons) button.disabled = !isLive() || isReadOnly();
}

export function forgetTrades() {
  all = [];
  askedAt = -Infinity;
}

/** Asks for the executions of all orders, at most once a second. */
async function ask() {
  if (performance.now() - askedAt < EVERY) return;
  askedAt = performance.now();
  const of = state.boot;
  const answer = await get("/api/exchange/orders?state=all").catch(() => null);
  if (!answer || of !== state.boot) return;
  all = answer.orders;
  paintTrades();
}

export function paintTrades() {
  if (isLive()) ask();
  const rows = all.flatMap((order) => (order.executions ?? []).map((one) => ({ ...one, clOrdID: order.clOrdID, side: order.side, symbol: order.symbol, price: order.price })));
  setText(byId("venue-trades-about"), String(rows.length));
  // An order's executions stand together: by their numbers they come in the order of time.
  table.setRows(rows.sort((a, b) => natural(b.execID, a.execID)));
}
