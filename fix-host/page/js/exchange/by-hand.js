// The form below the orders: what is done to one, or to an execution, with what the desk will see.

import { button, byId, el, setClass, setText } from "../dom.js";
import { number, quantity } from "../pure/numbers.js";
import { exactly } from "../trade/prices.js";
import { command } from "./commands.js";
import { DEEDS } from "../pure/deeds.js";
import { offer } from "../actions.js";

/** What the desk will be told, where that asks for no figures. */
const TOLD = {
  cancel: "ExecutionReport 150=4 Canceled, which the desk did not ask for.",
  stop: "ExecutionReport 150=7 Stopped: its price is guaranteed. The order stays where it is.",
  suspend: "ExecutionReport 150=9 Suspended: the order leaves its book. Its session can cancel it, not replace it.",
  resume: "ExecutionReport 150=D with 378=8: the order is in its book again, behind the others at its price, and trades at once if it can.",
};
let open = null;

export function buildByHand() {
  const field = (id, text, more = {}) => el("div", { id: `${id}-box` }, el("label", { class: "caption", for: id, text }), el("input", { id, autocomplete: "off", ...more, on: { input: paintOutcome } }));
  const form = el("form", { class: "form", on: { submit: (event) => { event.preventDefault(); perform(); } } },
    field("hand-qty", "Quantity", { inputmode: "decimal" }),
    field("hand-price", "Price", { inputmode: "decimal" }),
    el("div", { class: "whole" }, field("hand-text", "Text(58), which the desk will read", { maxlength: "200" })),
    el("p", { class: "whole callout", id: "hand-outcome" }),
    el("div", { class: "whole row" }, button("Close", close), el("button", { type: "submit", class: "primary", id: "hand-do" })));
  return el("section", { class: "byhand", id: "byhand", hidden: true, "aria-labelledby": "hand-title" }, el("div", { class: "head" }, el("h2", { id: "hand-title" }), el("span", { class: "aside", id: "hand-about" })), form, el("p", { class: "said", id: "hand-said", role: "status" }));
}

export function openByHand(what, order) {
  open = { what, order };
  const limit = order.price ?? order.stopPx;
  show(`${order.clOrdID}: ${order.side} ${quantity(order.orderQty)} ${order.symbol}, leaves ${quantity(order.leavesQty)}`);
  byId("hand-qty").value = String(order.leavesQty);
  byId("hand-price").value = number(limit) === null ? "" : exactly(limit, order.symbol);
  byId("hand-text").value = "";
  paintOutcome();
  byId(what === "fill" ? "hand-qty" : what === "reject" ? "hand-text" : "hand-do").focus();
}

export function openCorrection(execution) {
  open = { what: "correct", execution };
  show(`${execution.execID}: ${quantity(execution.lastQty)} ${execution.symbol}`);
  byId("hand-qty").value = String(execution.lastQty);
  byId("hand-price").value = exactly(execution.lastPx, execution.symbol);
  paintOutcome();
  byId("hand-qty").focus();
}

function show(about) {
  const { what } = open;
  byId("byhand").hidden = false;
  setText(byId("hand-title"), `${DEEDS[what].word} by hand`);
  setText(byId("hand-about"), about);
  byId("hand-qty-box").hidden = byId("hand-price-box").hidden = !["fill", "correct"].includes(what);
  byId("hand-text-box").hidden = what !== "reject";
  setText(byId("hand-said"), "");
  setClass(byId("hand-said"), "said");
  offer("exchange", { close });
}

function close() {
  open = null;
  byId("byhand").hidden = true;
  offer("exchange", { close: undefined });
}

/** What the desk will be told. */
function outcome() {
  const { what, order, execution } = open;
  const qty = number(byId("hand-qty").value);
  if (TOLD[what]) return [true, TOLD[what]];
  if (what === "reject") return [byId("hand-text").value.trim() !== "", byId("hand-text").value.trim() ? "The request is refused with this text." : "Say why: a refusal without a reason helps nobody."];
  if (!(qty > 0)) return [false, "The quantity must be more than 0."];
  const cost = byId("hand-price").value.trim();
  const worse = isWorse() ? " That is worse than its limit." : "";
  if (what === "correct") return [number(cost) > 0, `ExecutionReport 150=G for ${execution.execID}: ${quantity(qty)} at ${cost || "?"}.${worse}`];
  const left = number(order.leavesQty) - qty;
  if (left < 0) return [false, `Only ${quantity(order.leavesQty)} are open.`];
  return [true, `ExecutionReport 150=F, ${quantity(qty)} at ${cost || "its limit or the book's price"}: the desk's row becomes ${left > 0 ? `Partly filled, leaves ${quantity(left)}` : "Filled"}.${worse}`];
}

/** Whether the price is worse for the order than its limit: the exchange does that only if it is told so. */
function isWorse() {
  const { side, price: limit } = open.order ?? open.execution;
  const [cost, least] = [number(byId("hand-price").value), number(limit)];
  return cost !== null && least !== null && (side === "SELL" ? cost < least : cost > least);
}

function paintOutcome() {
  if (!open) return;
  const [isRight, words] = outcome();
  setText(byId("hand-outcome"), words);
  setClass(byId("hand-outcome"), `whole callout ${isRight && !isWorse() ? "" : "warn"}`);
  byId("hand-do").disabled = !isRight;
  setText(byId("hand-do"), DEEDS[open.what].word);
}

async function perform() {
  if (!open || !outcome()[0]) return;
  const { what, order, execution } = open;
  const body = what === "correct" ? { execution: execution.execID } : { order: order.orderID };
  if (what === "fill" || what === "correct") {
    body.qty = Number(byId("hand-qty").value);
    if (byId("hand-price").value.trim()) body.price = Number(byId("hand-price").value);
    if (isWorse()) body.beyondLimit = true;
  }
  if (what === "reject") body.text = byId("hand-text").value.trim();
  const error = await command(what, body, `${DEEDS[what].word} ${order?.clOrdID ?? execution.execID}`);
  if (!error) return close();
  setText(byId("hand-said"), error);
  setClass(byId("hand-said"), "said bad");
}
