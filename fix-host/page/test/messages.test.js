import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findMessages, judge, named } from "../js/pure/messages.js";
import { SOURCES, tablePath, tableText } from "./make-tables.js";

const BEAT = "8=FIX.4.2|9=49|35=0|49=OLD|56=NEW|34=7|52=20260114-12:00:01|10=";

function right(text) {
  const begin = text.replaceAll("|", "\u0001").replace(/10=$/, "");
  const sum = [...new TextEncoder().encode(begin)].reduce((all, byte) => (all + byte) % 256, 0);
  return `${begin}10=${String(sum).padStart(3, "0")}\u0001`;
}

test("messages are found in any text, with SOH, | or ^A, and their lines are counted", () => {
  const soh = right(BEAT.replace("9=49", "9=47"));
  const text = `12:00 in ${soh}\nnothing\n x ${soh.replaceAll("\u0001", "|")} y\n${soh.replaceAll("\u0001", "^A")}`;
  const found = findMessages(text);
  assert.deepEqual(found.map(({ line }) => line), [1, 3, 4]);
  assert.ok(found.every(({ raw }) => raw === soh), JSON.stringify(found));
});

test("length and checksum are judged, what is cut is said", () => {
  const body = "35=0\u000149=OLD\u0001";
  const good = right(`8=FIX.4.2|9=${body.length}|${body}10=`);
  assert.equal(judge(good), null);
  assert.match(judge(good.replace("9=12", "9=13")), /BodyLength\(9\) is 13, counted 12/);
  assert.match(judge(good.replace(/10=\d+/, "10=000")), /CheckSum\(10\) is 000, counted/);
  assert.match(findMessages("8=FIX.4.4|9=5|35=0|\n")[0].garbled, /missing/);
  assert.deepEqual(findMessages("no FIX 8=FIX here"), []);
});

test("fields have the names and meanings of their version", () => {
  const table = JSON.parse(readFileSync(tablePath("FIX.4.2"), "utf8"));
  const { fields, findings } = named({ raw: "8=FIX.4.2\u000135=0\u000120=0\u000154=Z\u00019999=x\u0001" }, table);
  assert.deepEqual(fields.map(({ name }) => name), ["BeginString", "MsgType", "ExecTransType", "Side", undefined]);
  assert.deepEqual(findings, [{ tag: 54, text: "Z is no Side of this version's dictionary." }]);
});

test("the tables are those of the dictionaries: node test/make-tables.js writes them", () => {
  for (const [name, files] of Object.entries(SOURCES)) assert.equal(readFileSync(tablePath(name), "utf8"), tableText(files), name);
});
