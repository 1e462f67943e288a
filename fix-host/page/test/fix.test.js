import assert from "node:assert/strict";
import { test } from "node:test";
import { meaningWords } from "../js/pure/codes.js";
import { differences, fieldsOf, gapBefore, isBetween, isFound, parseSearch, partiesOf, summary } from "../js/pure/fix.js";

const ORDER = "8=FIX.4.4|35=D|34=2|11=A|55=10Y|54=1|38=10|40=2|44=96.25|10=1|".replaceAll("|", "\u0001");
const TRADE = "8=FIX.4.4|35=8|34=9|11=B|41=A|37=O1|150=F|32=10|31=96.25|151=0|58=a=b|10=1|";

test("fields are cut at SOH, | or ^A, and keep what stands after the first =", () => {
  assert.deepEqual(fieldsOf(ORDER)[3], ["11", "A"]);
  assert.deepEqual(fieldsOf(TRADE).find(([tag]) => tag === "58"), ["58", "a=b"]);
  assert.deepEqual(fieldsOf("35=0^A34=1^A"), [["35", "0"], ["34", "1"]]);
  assert.deepEqual(fieldsOf("no message"), []);
});

test("a card says what the message is", () => {
  assert.deepEqual(summary(ORDER), { type: "D", name: "NewOrderSingle", seq: "2", words: "BUY 10 10Y @ 96.25", kind: "", ids: ["A"] });
  const trade = summary(TRADE);
  assert.deepEqual([trade.words, trade.kind, trade.ids], ["Trade 10 at 96.25, leaves 0: a=b", "good", ["B", "A", "O1"]]);
  const partial = summary("8=FIX.4.2|35=8|150=1|20=0|32=40|31=95.5|151=60|");
  assert.deepEqual([partial.words, partial.kind], ["Partial fill 40 at 95.5, leaves 60", "good"]);
  assert.equal(summary("35=3|371=452|58=Value is incorrect|").kind, "bad");
  assert.equal(summary("35=4|123=Y|36=12|").words, "GapFill, next 12");
  assert.equal(summary("").name, "35=?");
});

test("the search knows orders, tags, expressions and text", () => {
  const found = (text, raw) => isFound(parseSearch(text), { raw, note: "expected, in order" });
  assert.ok(found("order:A", ORDER) && found("order:A", TRADE) && found("order:X|B", TRADE));
  assert.ok(!found("order:B", ORDER));
  assert.ok(found("35=8|D 55=10Y", ORDER) && !found("35=8", ORDER));
  assert.ok(found("35=8 OR 35=D", ORDER) && found("/44=9\\d/", ORDER) && found("in", ORDER) && found("neworder", ORDER));
  assert.match(parseSearch("/[/").error, /no regular expression/);
});

test("the difference leaves out what always differs, unless asked", () => {
  const [a, b] = ["35=8|34=1|448=X|448=Y|10=1|", "35=8|34=2|448=X|448=Z|44=1|10=2|"];
  assert.deepEqual(differences(a, b, false), [["448", "Y", "Z"], ["44", null, "1"]]);
  assert.equal(differences(a, b, true).length, 4);
  assert.deepEqual(differences(a, a, true), []);
});

test("codes are said in words", () => {
  assert.equal(meaningWords(35, "NEW_ORDER_SINGLE"), "NewOrderSingle");
  assert.equal(meaningWords(39, "PARTIALLY_FILLED"), "Partially filled");
  assert.equal(meaningWords(39, null), null);
});

test("a number that is not the next one of its sender is seen", () => {
  const message = (number, more = []) => ({ fields: [[34, String(number)], [49, "A"], [56, "B"], ...more].map(([tag, value]) => ({ tag, value })) });
  const before = (number, more = "") => [`8=FIX.4.2|35=0|34=90|49=B|56=A|`, `8=FIX.4.2|35=D|34=${number}|49=A|56=B|${more}`];
  assert.equal(gapBefore(message(5), before(4)), null);
  assert.equal(gapBefore(message(6), before(4)), "gap: 5 is missing");
  assert.equal(gapBefore(message(9), before(4)), "gap: 5 to 8 are missing");
  assert.equal(gapBefore(message(4), before(4)), "number too low: 5 was next");
  assert.equal(gapBefore(message(4, [[43, "Y"]]), before(4)), null, "a possible duplicate");
  assert.equal(gapBefore(message(1, [[141, "Y"]]), before(4)), null, "both begin at 1");
  assert.equal(gapBefore(message(8), ["8=FIX.4.2|35=4|34=3|49=A|56=B|36=8|"]), null, "where a SequenceReset led");
  assert.equal(gapBefore(message(8), ["8=FIX.4.2|35=0|34=3|49=OTHER|56=B|"]), null, "another session");
});

test("between whom a message is, whichever way it goes", () => {
  const of = (from, to, separator) => ["8=FIX.4.4", "35=D", `49=${from}`, `56=${to}`, "11=49=X", ""].join(separator);
  for (const separator of ["\u0001", "|", "^A"]) {
    assert.deepEqual(partiesOf(of("DESK", "VENUE", separator)), ["DESK", "VENUE"]);
    assert.equal(isBetween(of("VENUE", "DESK", separator), ["DESK", "VENUE"]), true);
    assert.equal(isBetween(of("VENUE", "OTHER", separator), ["DESK", "VENUE"]), false);
  }
  assert.equal(partiesOf("8=FIX.4.4|35=0|49=DESK|"), null);
  assert.equal(isBetween("8=FIX.4.4|35=0|49=DESK|", ["DESK", "VENUE"]), false);
  assert.equal(isBetween(of("A", "A", "|"), ["A", "B"]), false);
});
