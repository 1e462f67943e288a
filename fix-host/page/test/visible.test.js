// Two values that differ look different, and none reads otherwise than it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../js/pure/visible.js";

test("what steers text or shows nothing is written out", () => {
  assert.equal(visible("a\u202eevil\u009b31m\u200bz"), "a\\xe2\\x80\\xaeevil\\xc2\\x9b31m\\xe2\\x80\\x8bz");
  assert.equal(visible("DE\u00adSK\ufeff7\n\u{e0041}"), "DE\\xc2\\xadSK\\xef\\xbb\\xbf7\\x0a\\xf3\\xa0\\x81\\x81");
});

test("other text stays as it is", () => {
  for (const text of ["", "10Y 96-08+", "Zürich \u2192 日本 \u{1f600} \u2713", 5]) assert.equal(visible(text), String(text));
});
