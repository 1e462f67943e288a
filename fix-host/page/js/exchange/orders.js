// The orders that the exchange holds, and the buttons to answer them.

import { button, byId, el, empty, setText } from "../dom.js";
import { number, price, quantity } from "../pure/numbers.js";
import { shortName } from "../pure/sessions.js";
import { isLive, isReadOnly, state } from "../store.js";
import { SIDE } from "../columns.js";
import { Table } from "../table.js";
import { decimalsFor } from "../trade/prices.js";
import { openByHand } from "./by-hand.js";
import { command } from "./commands.js";

let table;

export function buildOrders() {
  const host = el("div", { class: "tablehost" });
  table = new Table(host, {
    label: "Orders at the exchange",
    class: "venuerows",
    id: (order) => order.orderID,
    onOpen: (order) => openByHand("fill", order),
    empty: () => empty("No orders here", "What sessions send and what is not over shows here, to fill, reject or cancel by hand."),
    columns: [
      { key: "id", title: "ClOrdID", class: "mono id", value: (order) => order.clOrdID },
      { key: "from", title: "From", class: "dim", value: (order) => shortName(order.session).split(" \u2192 ").pop() },
      SIDE,
      { key: "qty", title: "Qty", class: "num", value: (order) => number(order.orderQty), text: (order) => quantity(order.orderQty) },
      { key: "symbol", title: "Symbol", class: "strong", value: (order) => order.symbol },
      { key: "price", title: "Price", class: "num", value: (order) => number(order.price ?? order.stopPx), text: (order) => (number(order.price ?? order.stopPx) === null ? "market" : price(order.price ?? order.stopPx, decimalsFor(order.symbol))) },
      { key: "filled", title: "Filled", class: "num", value: (order) => number(order.cumQty), text: (order) => quantity(order.cumQty) },
      { key: "waits", title: "Waits", class: "warn", value: (order) => order.waits ?? "" },
      { key: "do", title: "", class: "do", isFixed: true, paint: paintButtons },
    ],
  });
  return host;
}

function paintButtons(cell, order) {
  if (!cell.buttons) {
    const one = (text, run) => button(text, () => run(cell.order), { tabindex: "-1" });
    cell.buttons = {
      accept: one("Accept", (order) => command("accept", { order: order.orderID }, `Accept ${order.clOrdID}`)),
      fill: one("Fill", (order) => openByHand("fill", order)),
      reject: one("Reject", (order) => openByHand("reject", order)),
      cancel: one("Cancel", (order) => openByHand("cancel", order)),
    };
    cell.append(el("span", { class: "inrow" }, ...Object.values(cell.buttons)));
  }
  cell.order = order;
  const waits = Boolean(order.waits);
  cell.buttons.accept.hidden = !waits;
  cell.buttons.reject.hidden = !waits;
  cell.buttons.fill.hidden = order.waits === "NEW";
  cell.buttons.cancel.hidden = waits;
  for (const one of Object.values(cell.buttons)) one.disabled = !isLive() || isReadOnly();
}

export function paintOrders() {
  const orders = (state.exchange?.orders ?? []).filter((order) => number(order.leavesQty) > 0 || order.waits);
  const leftOut = number(state.exchange?.ordersLeftOut) ?? 0;
  setText(byId("venue-orders-about"), leftOut ? `the newest ${quantity(orders.length)} of ${quantity(orders.length + leftOut)} live` : `${orders.length} live`);
  table.setRows(orders);
}

export const stepOrders = (by) => table.step(by);
export const chosenOrder = () => table.chosenRow();
