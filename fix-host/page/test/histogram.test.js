import assert from "node:assert/strict";
import { test } from "node:test";
import { histogram, placeOf } from "../js/pure/histogram.js";

test("each value is counted once, those outside at the ends", () => {
  const bars = histogram([0.1, 1, 5, 50, 5000, NaN], 1, 100, 4);
  assert.deepEqual(bars.map(([, count]) => count), [2, 1, 0, 2]);
});

test("places are on the same scale as the bars", () => {
  assert.deepEqual([1, 10, 100, 1e9, 0].map((value) => placeOf(value, 1, 100)), [0, 0.5, 1, 1, 0]);
});
