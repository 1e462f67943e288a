import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { actionOf } from "../js/pure/keys.js";
import { ORDER_TYPES, TIMES_IN_FORCE, distance, distanceOfOld, orderIn, offTick, orderBody, orderWords, problems, tradable, typedPrice } from "../js/pure/order.js";

const DRAFT = { symbol: "10Y", side: "BUY", qty: "10", ordType: "LIMIT", price: "96.25", stopPx: "", timeInForce: "DAY", expireTime: "", account: "", session: "", extra: [], replaces: null };

test("the body has what its type needs and nothing else", () => {
  assert.deepEqual(orderBody(DRAFT, "W-1"), { clOrdID: "W-1", symbol: "10Y", side: "BUY", qty: 10, ordType: "LIMIT", timeInForce: "DAY", price: 96.25 });
  const market = orderBody({ ...DRAFT, ordType: "MARKET" }, "W-1");
  assert.equal("price" in market, false);
  const stop = orderBody({ ...DRAFT, ordType: "STOP", stopPx: "97", extra: [["58", "hi"], ["", "x"]] }, "W-1");
  assert.deepEqual([stop.stopPx, stop.price, stop.fields], [97, undefined, { 58: "hi" }]);
  const replace = orderBody({ ...DRAFT, replaces: "A" }, "W-2");
  assert.deepEqual([replace.type, replace.origClOrdID], ["REPLACE", "A"]);
});

test("what is missing is said at its field", () => {
  assert.deepEqual(problems(DRAFT), []);
  const fields = (change) => problems({ ...DRAFT, ...change }).map(([field]) => field);
  for (const qty of ["0", "1e3", "-1", ""]) assert.deepEqual(fields({ qty }), ["qty"]);
  assert.deepEqual(fields({ qty: "x", price: "" }), ["qty", "price"]);
  assert.deepEqual(fields({ ordType: "STOP" }), ["stopPx"]);
  assert.deepEqual(fields({ timeInForce: "GTD" }), ["expireTime"]);
  assert.deepEqual(fields({ extra: [["5 8", "x"]] }), ["extra"]);
});

test("prices may be typed in 32nds", () => {
  assert.deepEqual(["96.25", "96-08", "96-08+", "0", "-1", "abc", ""].map(typedPrice), [96.25, 96.25, 96.265625, null, null, null, null]);
});

test("the order in words", () => {
  assert.equal(orderWords(DRAFT), "BUY 10 10Y at 96.25, Day");
  assert.equal(orderWords({ ...DRAFT, ordType: "MARKET", timeInForce: "IOC" }), "BUY 10 10Y at market, IOC");
});

test("how far a limit is from the market", () => {
  const quote = { bid: "96.26", ask: "96.28" };
  assert.deepEqual(distance(DRAFT, quote, 0.005), ["ok", "2 ticks below the bid"]);
  assert.deepEqual(distance({ ...DRAFT, price: "96.26" }, quote, 0.005), ["ok", "Joins the bid"]);
  assert.deepEqual(distance({ ...DRAFT, price: "96.28" }, quote, 0.005), ["ok", "Trades at once: at or through the ask"]);
  assert.deepEqual(distance({ ...DRAFT, price: "200" }, quote, 0.005), ["warn", "20,744 ticks through the ask: is that meant?"]);
  assert.deepEqual(distance({ ...DRAFT, side: "SELL", price: "1" }, quote, 0.005)[0], "warn");
  assert.deepEqual(distance({ ...DRAFT, side: "SELL", price: "96.285" }, quote, 0.005), ["ok", "1 tick above the ask"]);
  assert.equal(distance({ ...DRAFT, ordType: "MARKET" }, quote, 0.005), null);
});

test("to an old price the distance is no promise", () => {
  const quote = { bid: "96.260", ask: "96.280" };
  assert.deepEqual(distanceOfOld({ ...DRAFT, price: "96.28" }, quote, 0.005, "12 s"), ["warn", "Trades at once: at or through the ask, by a price that is 12 s old"]);
  assert.equal(distanceOfOld({ ...DRAFT, ordType: "MARKET" }, quote, 0.005, "12 s"), null);
});

test("a price off the tick is warned of", () => {
  assert.match(offTick({ ...DRAFT, price: "96.001" }, "0.005"), /Off the tick of 0.005/);
  assert.match(offTick({ ...DRAFT, ordType: "STOP", stopPx: "96.001" }, "0.005"), /Off the tick/);
  for (const [change, tick] of [[{}, "0.005"], [{ price: "96.001" }, null], [{ price: "" }, "0.005"], [{ ordType: "MARKET", price: "96.001" }, "0.005"]]) assert.equal(offTick({ ...DRAFT, ...change }, tick), null);
});

test("letters are letters while somebody types", () => {
  const press = (key, more = {}) => ({ key, ...more });
  assert.equal(actionOf(press("b"), false), "side:BUY");
  assert.equal(actionOf(press("b"), true), null);
  assert.equal(actionOf(press("k", { ctrlKey: true }), true), "palette");
  assert.equal(actionOf(press("Escape", { shiftKey: true }), true), "arm");
  assert.equal(actionOf(press("c", { ctrlKey: true }), false), null);
});

test("the ticket has each type and time in force that the API takes", () => {
  const { components } = JSON.parse(readFileSync(new URL("../../src/web/openapi.json", import.meta.url), "utf8"));
  const { ordType, timeInForce } = components.schemas.Order.properties;
  const ours = (list) => list.map(([value]) => value).sort();
  assert.deepEqual(ours(ORDER_TYPES), [...ordType.enum].sort());
  assert.deepEqual(ours(TIMES_IN_FORCE), [...timeInForce.enum].sort());
});

test("an instrument without a price can be chosen too", () => {
  assert.deepEqual(tradable([{ symbol: "5Y" }, { symbol: "10Y" }], [{ symbol: "10Y" }, { symbol: "30Y" }]), ["5Y", "10Y", "30Y"]);
  assert.deepEqual(tradable([], null), []);
});
