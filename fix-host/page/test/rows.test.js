import assert from "node:assert/strict";
import { test } from "node:test";
import { chainRows, stateWord, tradesOf } from "../js/pure/chains.js";
import { toCsv } from "../js/pure/csv.js";
import { parseFilter, passes } from "../js/pure/filter.js";
import { nextSort, scrollTo, sorted, visibleRange } from "../js/pure/rows.js";

test("only the rows in view are drawn, and some beside them", () => {
  assert.deepEqual(visibleRange(0, 240, 24, 1000), [0, 18]);
  assert.deepEqual(visibleRange(2400, 240, 24, 1000), [92, 118]);
  assert.deepEqual(visibleRange(0, 240, 24, 3), [0, 3]);
  assert.deepEqual(visibleRange(99_999, 240, 24, 3), [3, 3]);
  assert.deepEqual(visibleRange(0, 0, 24, 0), [0, 0]);
});

test("a row that is out of view is scrolled to, one in view is not", () => {
  assert.equal(scrollTo(0, 100, 240, 24), 0);
  assert.equal(scrollTo(20, 0, 240, 24), 264);
  assert.equal(scrollTo(5, 0, 240, 24), null);
});

test("rows keep their order among equals, and what is missing stands last", () => {
  const rows = [{ id: 1, n: 2 }, { id: 2, n: 1 }, { id: 3, n: 2 }, { id: 4, n: null }];
  const ids = (keys) => sorted(rows, keys, (row, name) => row[name]).map((row) => row.id);
  assert.deepEqual(ids([["n", 1]]), [2, 1, 3, 4]);
  assert.deepEqual(ids([["n", -1]]), [1, 3, 2, 4]);
  assert.deepEqual(ids([["n", 1], ["id", -1]]), [2, 3, 1, 4]);
});

test("rows of one moment stand by their ids", () => {
  const rows = ["B-9", "B-10", "A-1"].map((id) => ({ id, time: 5 }));
  const ids = (direction) => sorted(rows, [["time", direction]], (row, name) => row[name], (row) => row.id).map(({ id }) => id);
  assert.deepEqual([ids(1), ids(-1)], [["A-1", "B-9", "B-10"], ["B-10", "B-9", "A-1"]]);
});

test("a click sorts, another turns it, Shift adds a second key", () => {
  assert.deepEqual(nextSort([], "a", false), [["a", 1]]);
  assert.deepEqual(nextSort([["a", 1]], "a", false), [["a", -1]]);
  assert.deepEqual(nextSort([["a", 1]], "b", true), [["a", 1], ["b", 1]]);
  assert.deepEqual(nextSort([["a", 1], ["b", 1]], "b", true), [["a", 1], ["b", -1]]);
});

test("words, keys, regular expressions and their opposites", () => {
  const texts = { side: "BUY", symbol: "10Y", state: "Working working", id: "W-1" };
  const holds = (text) => passes(parseFilter(text, ["side", "state", "symbol"]), texts);
  for (const text of ["", "10y", "side:buy", "side:buy state:work", "/^w-\\d$/", "-side:sell", "-/zzz/", '"10Y"', "nokey"]) assert.equal(holds(text), text !== "nokey", text);
  for (const text of ["2Y", "side:sell", "-10Y", "/^x/", "state:filled 10Y"]) assert.equal(holds(text), false, text);
  assert.match(parseFilter("/(/", []).error, /no regular expression/);
});

test("a chain of ClOrdIDs is one row, under its first id, with the state of the last", () => {
  const orders = new Map([
    ["A", { clOrdID: "A", state: "REPLACED", replacedBy: "B", working: false }],
    ["B", { clOrdID: "B", origClOrdID: "A", state: "REPLACED", replacedBy: "C", working: false }],
    ["C", { clOrdID: "C", origClOrdID: "B", state: "FILLED", working: false, cumQty: 5 }],
    ["D", { clOrdID: "D", origClOrdID: "C", state: "REJECTED", working: false }],
  ]);
  const trade = (clOrdID, lastQty, lastPx, time) => ({ clOrdID, execType: "F", lastQty, lastPx, time });
  const rows = chainRows(orders, [trade("B", 2, 10, 100), trade("C", 3, 20, 200)]);
  assert.deepEqual(rows.map((row) => [row.id, row.chain, row.state]), [["A", ["A", "B", "C"], "FILLED"], ["D", ["D"], "REJECTED"]]);
  assert.equal(rows[0].avgPx, 16);
  assert.equal(rows[0].time, 100_000);
});

test("no average is said where trades are missing or were taken back", () => {
  const orders = new Map([["A", { clOrdID: "A", state: "FILLED", cumQty: 5 }]]);
  const trade = { clOrdID: "A", execType: "F", lastQty: 3, lastPx: 10, time: 1 };
  assert.equal(chainRows(orders, [trade])[0].avgPx, null);
  assert.equal(chainRows(orders, [trade, { ...trade, lastQty: 2 }, { clOrdID: "A", execType: "H", lastQty: 2, lastPx: 10 }])[0].avgPx, null);
});

test("the average is the one that was said last, and none where nothing is filled any longer", () => {
  const orders = (cumQty) => new Map([["A", { clOrdID: "A", state: "FILLED", cumQty }]]);
  const told = [{ clOrdID: "A", execType: "F", lastQty: 5, lastPx: 10, avgPx: 10, time: 1 }, { clOrdID: "A", execType: "G", lastQty: 5, lastPx: 9, avgPx: 9 }];
  assert.equal(chainRows(orders(5), told)[0].avgPx, 9);
  assert.equal(chainRows(orders(0), [...told, { clOrdID: "A", execType: "H", avgPx: 0 }])[0].avgPx, null);
});

test("a trade is as it was corrected, and gone once it was taken back", () => {
  const executions = [["E1", "F", null, 5, 10], ["E2", "F", null, 3, 11], ["E3", "G", "E1", 4, 9]].map(([execID, execType, execRefID, lastQty, lastPx]) => ({ execID, execType, execRefID, lastQty, lastPx }));
  const shown = () => tradesOf(executions).map(({ price, qty, isBusted }) => [price, qty, isBusted]);
  assert.deepEqual(shown(), [[9, 4, false], [11, 3, false]]);
  executions.push({ execID: "E4", execType: "H", execRefID: "E2" }, { execID: "E5", execType: "H", execRefID: "E3" });
  assert.deepEqual(shown(), [[9, 4, true], [11, 3, true]]);
});

test("a row is made anew only when its order, its chain or what was told of it is another", () => {
  const orders = new Map([["A", { clOrdID: "A", state: "NEW" }], ["B", { clOrdID: "B", state: "NEW" }]]);
  const executions = [{ clOrdID: "A", execType: "0", time: 1 }];
  const before = chainRows(orders, executions);
  assert.deepEqual(chainRows(orders, executions).map((row, place) => row === before[place]), [true, true]);
  executions.push({ clOrdID: "B", execType: "8", text: "why", time: 2 });
  const now = chainRows(orders, executions);
  assert.deepEqual([now[0] === before[0], now[1].text], [true, "why"]);
  orders.set("A", { clOrdID: "A", state: "REPLACED", replacedBy: "C" }).set("C", { clOrdID: "C", origClOrdID: "A", state: "NEW" });
  assert.deepEqual(chainRows(orders, executions).map(({ id, state }) => [id, state]), [["B", "NEW"], ["A", "NEW"]]);
});

test("ids that name each other in a circle end", () => {
  const orders = new Map([
    ["A", { clOrdID: "A", origClOrdID: "B", replacedBy: "B" }],
    ["B", { clOrdID: "B", origClOrdID: "A", replacedBy: "A" }],
  ]);
  assert.deepEqual(chainRows(orders, []), []);
});

test("states are said in words, unknown ones too", () => {
  assert.deepEqual(["PARTIALLY_FILLED", "SIM MODE", "SOMETHING_NEW"].map(stateWord), ["Partly filled", "Not sent: SIM MODE", "Something new"]);
});

test("values with commas are quoted, and no spreadsheet runs one", () => {
  const text = toCsv([["a", (row) => row.a], ["b", (row) => row.b]], [{ a: 'x"y,z', b: -1 }, { a: "=HYPERLINK(1)", b: "-96.5" }, { a: "@x", b: null }]);
  assert.equal(text, 'a,b\r\n"x""y,z",-1\r\n\'=HYPERLINK(1),-96.5\r\n\'@x,\r\n');
});
