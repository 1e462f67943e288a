// The orders that the exchange holds, and the buttons to answer them.

import { button, byId, el, empty, setClass, setText } from "../dom.js";
import { number, quantity } from "../pure/numbers.js";
import { shortName } from "../pure/sessions.js";
import { isLive, isReadOnly, state } from "../store.js";
import { SIDE } from "../columns.js";
import { Table } from "../table.js";
import { exactly } from "../trade/prices.js";
import { openByHand } from "./by-hand.js";
import { command } from "./commands.js";
import { DEEDS, aboutOrders, mayBeDone, standing } from "../pure/deeds.js";
import { openRowMenu } from "./row-menu.js";

const isPhone = matchMedia("(max-width: 767px)");
/** What has a button of its own in a row; all else, and these too, is in the row's menu. */
const BUTTONS = ["accept", "reject", "fill", "resume", "cancel"];
let table;

export function buildOrders() {
  const host = el("div", { class: "tablehost" });
  table = new Table(host, {
    label: "Orders at the exchange",
    class: "venuerows",
    rowHeight: isPhone.matches ? 40 : 24,
    id: (order) => order.orderID,
    onOpen: (order) => begin("fill", order),
    empty: () => empty("No orders here", "What sessions send and what is not over shows here, to fill, reject or cancel by hand."),
    columns: [
      { key: "id", title: "ClOrdID", class: "mono id", value: (order) => order.clOrdID },
      { key: "from", title: "From", class: "dim", value: (order) => shortName(order.session).split(" \u2192 ").pop() },
      SIDE,
      { key: "qty", title: "Qty", class: "num", value: (order) => number(order.orderQty), text: (order) => quantity(order.orderQty) },
      { key: "symbol", title: "Symbol", class: "strong", value: (order) => order.symbol },
      { key: "price", title: "Price", class: "num", value: (order) => number(order.price ?? order.stopPx), text: (order) => (number(order.price ?? order.stopPx) === null ? "market" : exactly(order.price ?? order.stopPx, order.symbol)) },
      { key: "filled", title: "Filled", class: "num", value: (order) => number(order.cumQty), text: (order) => quantity(order.cumQty) },
      { key: "state", title: "State", class: "warn", value: standing },
      { key: "do", title: "", class: "do", isFixed: true, paint: paintButtons },
    ],
  });
  return host;
}

/** Does `name` to `order`, or opens its form; nothing where that cannot be. */
export function begin(name, order) {
  if (!isLive() || isReadOnly() || !mayBeDone(name, order)) return;
  if (name === "accept") command("accept", { order: order.orderID }, `Accept ${order.clOrdID}`);
  else openByHand(name, order);
}

function paintButtons(cell, order) {
  if (!cell.buttons) {
    const one = (name) => button(DEEDS[name].word, () => begin(name, cell.order), { tabindex: "-1", data: { deed: name } });
    cell.buttons = BUTTONS.map(one);
    cell.more = button("\u22ef", (event) => openRowMenu(event.currentTarget, cell.order, begin), { class: "more", tabindex: "-1", title: "All that can be done by hand", "aria-label": "More by hand", "aria-haspopup": "menu" });
    cell.append(el("span", { class: "inrow" }, ...cell.buttons, cell.more));
  }
  cell.order = order;
  const mayWrite = isLive() && !isReadOnly();
  for (const one of cell.buttons) {
    const { deed } = one.dataset;
    // What waits is decided first; the rest is in the menu.
    one.hidden = !mayBeDone(deed, order) || (Boolean(order.waits) && ["fill", "resume", "cancel"].includes(deed));
    one.disabled = !mayWrite;
  }
  cell.more.disabled = !mayWrite;
}

export function paintOrders() {
  const orders = (state.exchange?.orders ?? []).filter((order) => number(order.leavesQty) > 0 || order.waits);
  const isHeld = state.exchange?.venue?.hold ?? true;
  const about = byId("venue-orders-about");
  setText(about, aboutOrders(orders, number(state.exchange?.ordersLeftOut) ?? 0, isHeld));
  setClass(about, `aside ${!isHeld && orders.some((order) => order.waits) ? "warn" : ""}`);
  table.setRows(orders);
}

/** The menu of the chosen row. */
export function openMenuOfChosen() {
  const order = table.chosenRow();
  if (!order) return;
  table.step(0);
  const element = table.shown.get(order.orderID)?.querySelector(".more");
  if (element) openRowMenu(element, order, begin);
}

export const stepOrders = (by) => table.step(by);
export const chosenOrder = () => table.chosenRow();
