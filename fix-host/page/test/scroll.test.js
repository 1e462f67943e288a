import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST, Scroll } from "../js/pure/scroll.js";

const ROW = 44;

function longTable(rows) {
  return Object.assign(new Scroll(), { total: rows * ROW, height: 700 });
}

test("a table that a browser can lay out is scrolled as the browser does", () => {
  const scroll = longTable(1000);
  scroll.moved(4321);
  assert.deepEqual([scroll.top, scroll.shift, scroll.length, scroll.atFor(17)], [4321, 0, 44_000, 17]);
});

test("two million rows are within reach: a jump goes to the same share of them, to the last one too", () => {
  const scroll = longTable(2_000_000);
  assert.equal(scroll.length, LONGEST);
  scroll.moved((LONGEST - 700) / 2);
  assert.equal(Math.round(scroll.top), (88_000_000 - 700) / 2);
  scroll.moved(LONGEST - 700);
  assert.equal(scroll.top, 88_000_000 - 700);
  assert.equal(scroll.atFor(scroll.top), LONGEST - 700);
});

test("a small step moves a long table by as much, and no row is left out", () => {
  const scroll = longTable(2_000_000);
  scroll.moved(1_000_000);
  const before = scroll.top;
  scroll.moved(1_000_120);
  assert.equal(scroll.top, before + 120);
  // Put back on its share of the way, the rows stay where they are.
  scroll.at = scroll.atFor(scroll.top);
  assert.equal(scroll.top, before + 120);
  scroll.moved(scroll.at + 120);
  assert.equal(scroll.top, before + 240);
});

test("at either end a long table goes no further than its rows", () => {
  const scroll = longTable(2_000_000);
  scroll.moved(60);
  scroll.moved(0);
  assert.equal(scroll.top, 0);
  scroll.moved(LONGEST - 700);
  scroll.at -= 500;
  scroll.moved(LONGEST - 700);
  assert.equal(scroll.top, 88_000_000 - 700);
});
