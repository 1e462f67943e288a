import assert from "node:assert/strict";
import { test } from "node:test";
import * as numbers from "../js/pure/numbers.js";

test("a price has the decimals of its instrument, and nothing is a dash", () => {
  assert.equal(numbers.price("96.26", 3), "96.260");
  assert.equal(numbers.price(-0.5, 2), "\u22120.50");
  for (const nothing of [null, undefined, "", "x", NaN]) assert.equal(numbers.price(nothing, 2), "\u2013");
});

test("the decimals of a tick", () => {
  assert.deepEqual([0.005, 0.01, 1, "0.0050", 1e-7, null].map(numbers.decimalsOf), [3, 2, 0, 3, 7, 0]);
});

test("32nds have eighths, and half of one is a plus", () => {
  const text = (value) => numbers.thirtySeconds(value).text;
  assert.equal(text(96.25), "96-080");
  assert.equal(text(96 + 8.5 / 32), "96-08+");
  assert.equal(text(99 + 28 / 32 + 1 / 256), "99-281");
  assert.equal(text(99.99999), "100-000");
  assert.equal(text(null), "\u2013");
  assert.equal(numbers.thirtySeconds(96.25).exact, true);
  assert.equal(numbers.thirtySeconds(96.26).exact, false);
});

test("32nds that are typed are read back", () => {
  assert.equal(numbers.fromThirtySeconds("96-08"), 96.25);
  assert.equal(numbers.fromThirtySeconds("96-08+"), 96.265625);
  for (const text of ["96-32", "96-8", "96", "96-089", ""]) assert.equal(numbers.fromThirtySeconds(text), null);
  for (let eighths = 0; eighths < 512; eighths += 1) {
    const value = 96 + eighths / 256;
    assert.equal(numbers.fromThirtySeconds(numbers.thirtySeconds(value).text), value);
  }
});

test("a change always has its sign, but nothing has none", () => {
  assert.deepEqual([0.02, -0.036, 0, 0.0001].map((value) => numbers.signed(value, 3)), ["+0.020", "\u22120.036", "0.000", "0.000"]);
});

test("quantities have commas, and are short where there is little room", () => {
  assert.deepEqual([5000, 1234567, "0.5", 10].map(numbers.quantity), ["5,000", "1,234,567", "0.5", "10"]);
  assert.deepEqual([100_000_000, 5000, 2.5e9, 99_999, 250_000, 999_960].map(numbers.shortQuantity), ["100 M", "5,000", "2.5 G", "99,999", "250 K", "1 M"]);
});

test("ages and durations are in their best unit", () => {
  assert.deepEqual([200, 14_000, 180_000, 7.2e6].map(numbers.age), ["0.2 s", "14 s", "3 min", "2 h"]);
  assert.deepEqual(numbers.duration(118), ["118", "\u00b5s"]);
  assert.deepEqual(numbers.atMost(5000, 1e7), ["\u2264 5.0", "ms"]);
  assert.deepEqual(numbers.atMost(null, 1e7), ["> 10.0", "s"]);
  assert.deepEqual(numbers.duration(1400), ["1.4", "ms"]);
  assert.equal(numbers.bytes(18_200_000), "18 MB");
});

test("a step stays on the grid of ticks", () => {
  assert.equal(numbers.stepped("96.25", 0.005, 1, 3), "96.255");
  assert.equal(numbers.stepped("96.2513", 0.005, -1, 3), "96.245");
  assert.equal(numbers.stepped("0.005", 0.005, -3, 3), "0.005");
});

test("times of FIX, of ISO 8601 and in seconds are one", () => {
  const wanted = Date.UTC(2026, 0, 14, 14, 32, 7, 418);
  for (const time of ["20260114-14:32:07.418", "2026-01-14T14:32:07.418Z", wanted / 1000, wanted, String(wanted)]) assert.equal(numbers.milliseconds(time), wanted);
  assert.equal(numbers.clock(wanted), "14:32:07.418");
  assert.ok(Number.isNaN(numbers.milliseconds(null)));
});
