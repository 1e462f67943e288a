import assert from "node:assert/strict";
import { test } from "node:test";
import { add, median, missed, percentile } from "./browser/figures/table.js";

test("a figure that is past its goal, or that could not be measured, is told as missed", (context) => {
  context.mock.method(console, "log", () => {});
  for (const [figure, value, most] of [["within", 49.9, 50], ["at it", 50, 50], ["past", 50.1, 50], ["not measured", NaN, 50], ["without a goal", 1e9, undefined], ["none at all", 0, 0], ["one too many", 1, 0]]) add(figure, value, "ms", most);
  for (const [figure, value] of [["enough", 54], ["too few", 53]]) add(figure, value, "/s", undefined, 54);
  assert.deepEqual(missed(), ["past: 50.10 ms, goal <= 50", "not measured: not measured, goal <= 50", "one too many: 1 ms, goal <= 0", "too few: 53 /s, goal >= 54"]);
});

test("the percentile of nothing is no figure", () => {
  assert.ok(Number.isNaN(percentile([], 0.99)));
  assert.deepEqual([median([3, 1, 2]), percentile([1, 2, 3, 4], 0.99)], [2, 4]);
});
