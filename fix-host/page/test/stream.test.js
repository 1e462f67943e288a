import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, emptyState, goOn, take } from "../js/pure/stream-state.js";

const COLS = ["symbol", "bid", "ask", "time"];

function begun() {
  const state = emptyState();
  take(state, { t: "snap", boot: "a", seq: 5, topic: "prices", cols: COLS, rows: [["10Y", "96.26", "96.28", 1], ["2Y", "99.87", "99.88", 1]] });
  take(state, { t: "snap", boot: "a", seq: 5, topic: "orders", rows: [{ clOrdID: "A", state: "NEW" }] });
  return state;
}

test("a delta changes the row of its index and says which way it moved", () => {
  const state = begun();
  const { changed, lost } = take(state, { t: "d", after: 5, seq: 6, prices: [[0, "96.27", "96.28", 2]] });
  assert.equal(lost, false);
  assert.deepEqual([...changed], ["prices"]);
  const quote = state.prices[0];
  assert.deepEqual([quote.symbol, quote.bid, quote.bidMove, quote.askMove, quote.time], ["10Y", "96.27", 1, 0, 2]);
  assert.equal(state.prices[1].bid, "99.87");
});

test("what is told whole is said so, and a halt of a session where it begins and ends", () => {
  const state = begun();
  assert.deepEqual([...take(state, { t: "snap", boot: "a", seq: 5, topic: "sessions", rows: [{ session: "S", halted: null }] }).changed], ["sessions", "whole:sessions"]);
  const changed = (seq, halted) => [...take(state, { t: "d", seq, sessions: [{ session: "S", halted }] }).changed].includes("halted");
  assert.deepEqual([changed(6, null), changed(7, { since: 7 }), changed(8, { since: 7 }), changed(9, null)], [false, true, false, true]);
});

test("an order's row replaces the row of its id", () => {
  const state = begun();
  take(state, { t: "d", seq: 6, orders: [{ clOrdID: "A", state: "FILLED" }, { clOrdID: "B", state: "NEW" }] });
  assert.deepEqual([...state.orders.values()].map((order) => order.state), ["FILLED", "NEW"]);
});

test("a hole is a loss, and nothing of the frame is taken; what is not for this page is none", () => {
  const state = begun();
  assert.equal(take(state, { t: "d", after: 7, seq: 8, orders: [{ clOrdID: "A", state: "FILLED" }] }).lost, true);
  assert.equal(state.orders.get("A").state, "NEW");
  assert.equal(take(state, { t: "d", after: 5, seq: 9, orders: [{ clOrdID: "A", state: "FILLED" }] }).lost, false);
  assert.equal(state.seq, 9);
});

test("what a row of prices leaves out is as before", () => {
  const state = begun();
  take(state, { t: "d", after: 5, seq: 6, prices: [[0, "96.27", "96.28", 2, "96.2", "96.3", true]] });
  take(state, { t: "d", after: 6, seq: 7, prices: [[0, "96.28", "96.29", 3]] });
  const { bid, vwap, last, stale } = state.prices[0];
  assert.deepEqual([bid, vwap, last, stale], ["96.28", "96.2", "96.3", true]);
});

test("a frame that was had already changes nothing", () => {
  const state = begun();
  const { changed, lost } = take(state, { t: "d", seq: 5, orders: [{ clOrdID: "A", state: "FILLED" }] });
  assert.deepEqual([changed.size, lost, state.orders.get("A").state], [0, false, "NEW"]);
});

test("another process leaves nothing of the old one", () => {
  const state = begun();
  take(state, { t: "snap", boot: "b", seq: 1, topic: "sessions", rows: [{ session: "S" }] });
  assert.deepEqual([state.boot, state.seq, state.orders.size, state.sessions.size], ["b", 1, 0, 1]);
});

test("a gap is counted and gone on from", () => {
  const state = begun();
  take(state, { t: "gap", from: 6, to: 20, why: "slow" });
  assert.deepEqual([state.gaps, state.seq], [1, 20]);
  assert.equal(take(state, { t: "d", after: 20, seq: 21 }).lost, false);
});

test("executions come once, oldest first however the snapshot has them", () => {
  const state = begun();
  take(state, { t: "snap", boot: "a", seq: 5, topic: "executions", rows: [{ reportId: "2", time: 2 }, { reportId: "1", time: 1 }] });
  take(state, { t: "d", seq: 6, executions: [{ reportId: "2", time: 2 }, { reportId: "3", time: 3 }] });
  assert.deepEqual(state.executions.map((report) => report.reportId), ["1", "2", "3"]);
});

test("frames of another kind do no harm", () => {
  const state = begun();
  for (const frame of [{}, { t: "new" }, { t: "d", seq: 6, prices: [[9, "1"]] }]) assert.equal(take(state, frame).lost, false);
});

test("the wait doubles, to at most some seconds", () => {
  assert.ok(backOff(0, 0.5) === 250 && backOff(1, 0.5) === 500);
  assert.ok(backOff(30, 1) <= 6250);
});

const wanted = (...topics) => new Set(topics);

test("the stream goes on with the topics that were told whole; others are asked for whole", () => {
  const state = begun();
  assert.deepEqual(goOn(state, wanted("prices", "orders", "messages")), { boot: "a", seq: 5, topics: ["prices", "orders"] });
  take(state, { t: "snap", boot: "a", seq: 6, topic: "messages", rows: [{ id: 1 }, { id: 2 }] });
  take(state, { t: "d", after: 6, seq: 8, orders: [{ clOrdID: "B", state: "NEW" }] });
  assert.deepEqual(goOn(state, wanted("orders", "messages")), { boot: "a", seq: 8, topics: ["orders", "messages"] });
  assert.deepEqual(goOn(state, wanted("orders", "prices")).topics, ["orders"], "what was not wanted in between is told whole");
  assert.equal(goOn(emptyState(), wanted("orders")), null);
});

test("a cut between the snaps that follow a gap goes on from where the least is known", () => {
  const state = begun();
  take(state, { t: "gap", from: 6, to: 20, why: "slow" });
  take(state, { t: "snap", boot: "a", seq: 20, topic: "prices", cols: COLS, rows: [] });
  assert.equal(state.seq, 20);
  assert.equal(goOn(state, wanted("prices", "orders")).seq, 5);
  // What is told again from there on is taken, though the prices have it already.
  take(state, { t: "d", after: 5, seq: 20, orders: [{ clOrdID: "A", state: "FILLED" }] });
  assert.deepEqual([state.orders.get("A").state, goOn(state, wanted("prices", "orders")).seq], ["FILLED", 20]);
});

test("messages that come twice are taken once", () => {
  const state = begun();
  take(state, { t: "snap", boot: "a", seq: 5, topic: "messages", rows: [{ id: 1 }, { id: 2 }] });
  take(state, { t: "d", after: 5, seq: 6, messages: [{ id: 2 }, { id: 3 }] });
  assert.deepEqual(state.messages.map(({ id }) => id), [1, 2, 3]);
});

test("of orders that are over only the newest stay, but for those that a working one has replaced", () => {
  const state = begun();
  const rows = [{ clOrdID: "W1", working: false, replacedBy: "W2" }, { clOrdID: "W2", origClOrdID: "W1", working: true }];
  for (let number = 0; number < 6000; number += 1) rows.push({ clOrdID: `D${number}`, working: false });
  take(state, { t: "d", after: 5, seq: 6, orders: rows });
  assert.deepEqual([state.orders.has("W1"), state.orders.has("W2"), state.orders.has("A"), state.orders.has("D0"), state.orders.has("D5999")], [true, true, false, false, true]);
  assert.equal(state.orders.size, 5002);
});

test("depth and trades are told whole, and forgotten with the process that told them", () => {
  const state = begun();
  take(state, { t: "snap", boot: "a", seq: 5, topic: "depth", rows: [{ symbol: "10Y", bids: [] }] });
  assert.equal(state.depth.symbol, "10Y");
  const { changed } = take(state, { t: "d", after: 5, seq: 6, depth: { symbol: "10Y", bids: [1] }, trades: { symbol: "10Y", trades: [] } });
  assert.deepEqual([[...changed], state.depth.bids, state.trades.symbol], [["depth", "trades"], [1], "10Y"]);
  take(state, { t: "snap", boot: "a", seq: 6, topic: "depth", rows: [] });
  assert.equal(state.depth, null, "nobody asks for that symbol");
  take(state, { t: "snap", boot: "b", seq: 1, topic: "prices", cols: COLS, rows: [] });
  assert.equal(state.trades, null);
});
