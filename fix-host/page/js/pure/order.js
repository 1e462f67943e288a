// The order that the ticket describes: its body for the API, its words, and what is wrong with it before it is sent.

import { fromThirtySeconds, number, quantity } from "./numbers.js";

export const ORDER_TYPES = [
  ["MARKET", "Market"],
  ["LIMIT", "Limit"],
  ["STOP", "Stop"],
  ["STOP_LIMIT", "Stop limit"],
];

export const TIMES_IN_FORCE = [
  ["DAY", "Day"],
  ["GTC", "GTC"],
  ["IOC", "IOC"],
  ["FOK", "FOK"],
  ["GTX", "GTX"],
  ["GTD", "GTD"],
  ["OPG", "OPG"],
  ["CLOSE", "Close"],
];

const TYPE_WORDS = new Map(ORDER_TYPES);
const TIME_WORDS = new Map(TIMES_IN_FORCE);

export function typeWord(type) {
  return TYPE_WORDS.get(type) ?? String(type ?? "").toLowerCase().replaceAll("_", " ");
}

export function timeWord(time) {
  return TIME_WORDS.get(time) ?? time ?? "Day";
}

export const needsPrice = (type) => type === "LIMIT" || type === "STOP_LIMIT";
export const needsStop = (type) => type === "STOP" || type === "STOP_LIMIT";

/** A price as it was typed: a decimal, or 32nds such as 96-08+. */
export function typedPrice(text) {
  const decimal = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : fromThirtySeconds(text);
  return decimal !== null && decimal > 0 ? decimal : null;
}

/** What stands in the way of sending, as [field, words]; none: it can be sent. */
export function problems(draft) {
  const found = [];
  if (!draft.symbol) found.push(["symbol", "Choose a symbol."]);
  if (!/^\d+(\.\d+)?$/.test(draft.qty) || Number(draft.qty) <= 0) found.push(["qty", "The quantity must be a number, such as 10, and more than 0."]);
  if (needsPrice(draft.ordType) && typedPrice(draft.price) === null)
    found.push(["price", "A limit order needs a price, such as 96.25 or 96-08."]);
  if (needsStop(draft.ordType) && typedPrice(draft.stopPx) === null)
    found.push(["stopPx", "A stop order needs a stop price."]);
  if (draft.timeInForce === "GTD" && !draft.expireTime)
    found.push(["expireTime", "Good till date needs the time when it ends."]);
  for (const [tag] of draft.extra)
    if (tag && !/^(\d+|[A-Za-z]\w*)$/.test(tag)) found.push(["extra", `${tag} is no tag: its number or its name.`]);
  return found;
}

/** The body of POST /api/orders, or of /api/replaces where the draft changes an order. */
export function orderBody(draft, clOrdID) {
  const body = {
    clOrdID,
    symbol: draft.symbol,
    side: draft.side,
    qty: Number(draft.qty),
    ordType: draft.ordType,
    timeInForce: draft.timeInForce,
  };
  if (draft.replaces) Object.assign(body, { type: "REPLACE", origClOrdID: draft.replaces });
  if (needsPrice(draft.ordType)) body.price = typedPrice(draft.price);
  if (needsStop(draft.ordType)) body.stopPx = typedPrice(draft.stopPx);
  if (draft.timeInForce === "GTD" && draft.expireTime) body.expireTime = draft.expireTime;
  if (draft.account) body.account = draft.account;
  if (draft.session) body.session = draft.session;
  const extra = draft.extra.filter(([tag, value]) => tag && value);
  if (extra.length) body.fields = Object.fromEntries(extra);
  return body;
}

/** The order in words: `BUY 10 10Y at 96.250, Day`. */
export function orderWords(draft) {
  const what = `${draft.side} ${quantity(draft.qty) ?? ""} ${draft.symbol}`;
  const stop = needsStop(draft.ordType) ? ` stop ${draft.stopPx || "?"}` : "";
  const price = needsPrice(draft.ordType) ? ` at ${draft.price || "?"}` : stop ? "" : " at market";
  return `${what}${stop}${price}, ${timeWord(draft.timeInForce)}`;
}

/** Through the market by more than this part of its price is hardly meant. */
const FAR = 0.01;

/** The prices that lie off the grid of ticks, in words; null where none does. */
export function offTick(draft, tick) {
  const size = number(tick);
  const prices = [needsPrice(draft.ordType) && draft.price, needsStop(draft.ordType) && draft.stopPx].map((text) => text && typedPrice(text));
  const isOff = (price) => price && Math.abs(price / size - Math.round(price / size)) > 1e-6;
  return size && prices.some(isOff) ? `Off the tick of ${tick}: the venue may reject it` : null;
}

/** `distance` to a market that may be another one by now: `old` says since when nobody has told of it. */
export function distanceOfOld(draft, quote, tick, old) {
  const found = distance(draft, quote, tick);
  return found && ["warn", `${found[1]}, by a price that is ${old} old`];
}

/** How far a limit stands from the market, as [kind, ticks and words]; null where nothing can be said. */
export function distance(draft, quote, tick) {
  const limit = typedPrice(draft.price ?? "");
  const size = number(tick);
  if (!needsPrice(draft.ordType) || limit === null || !size || !quote) return null;
  const [near, far] = draft.side === "BUY" ? ["bid", "ask"] : ["ask", "bid"];
  const [own, other] = [number(quote[near]), number(quote[far])];
  if (own === null || other === null) return null;
  const sign = draft.side === "BUY" ? 1 : -1;
  const inTicks = (by) => Math.round(by / size);
  const words = (ticks) => `${quantity(Math.abs(ticks))} ${Math.abs(ticks) === 1 ? "tick" : "ticks"}`;
  const through = (limit - other) * sign;
  if (through > other * FAR) return ["warn", `${words(inTicks(through))} through the ${far}: is that meant?`];
  if (through >= -1e-9) return ["ok", `Trades at once: at or through the ${far}`];
  const ticks = inTicks((limit - own) * sign);
  if (ticks === 0) return ["ok", `Joins the ${near}`];
  const side = ticks > 0 ? "better than" : draft.side === "BUY" ? "below" : "above";
  return ["ok", `${words(ticks)} ${side} the ${near}`];
}

/** The order that `sell 5 2y at 99.5` means, as a draft; without a price at market. Null where the text is none. */
export function orderIn(text, symbols) {
  const [, side, qty, name, price] = /^(buy|sell|b|s)\s+(\d+(?:\.\d+)?)\s+(\S+)(?:\s+(?:at\s+|@\s*)?(\S+))?$/i.exec(text.trim()) ?? [];
  const symbol = symbols.find((one) => one.toLowerCase() === name?.toLowerCase());
  if (!symbol || (price && typedPrice(price) === null)) return null;
  return { side: /^b/i.test(side) ? "BUY" : "SELL", qty, symbol, ordType: price ? "LIMIT" : "MARKET", price: price ?? "" };
}

/** What can be traded: the symbols of prices, and those of instruments that have none yet, which are behind them. */
export function tradable(prices, instruments) {
  return [...new Set([...prices, ...(instruments ?? [])].map(({ symbol }) => symbol))];
}
