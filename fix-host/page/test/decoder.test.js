import assert from "node:assert/strict";
import { test } from "node:test";
import { flat } from "../js/inspector/decode.js";
import { allOf, COMMITTED, decoderOf, right, texts } from "./decoder-of.js";

const decoder = await decoderOf(COMMITTED);
const BEAT = right("FIX.4.2", "35=0|49=OLD|56=NEW|34=7|52=20260114-12:00:01|");

test("messages are found in any text, with SOH, | or ^A, and their lines are counted", async () => {
  const text = `12:00 in ${BEAT}\nnothing\n x ${BEAT.replaceAll("\u0001", "|")} y\n${BEAT.replaceAll("\u0001", "^A")}`;
  const found = await allOf(decoder, text);
  assert.deepEqual(found.map(({ at_line }) => at_line), [1, 3, 4]);
  assert.ok(found.every(({ raw, garbled }) => raw === BEAT && !garbled), JSON.stringify(found));
  assert.deepEqual(await allOf(decoder, "no FIX here, 8=FI"), []);
});

test("however a text is cut into pieces, the messages are the same", async () => {
  for (const text of texts()) {
    const whole = await allOf(decoder, text);
    for (const size of [1, 7, 64]) assert.deepEqual(await allOf(decoder, text, size), whole);
  }
});

test("groups of FIX 4.2 are a tree, with names and meanings of that version", async () => {
  const [order] = await allOf(decoder, right("FIX.4.2", "35=E|49=A|56=B|34=2|52=20260114-12:00:01|66=L|394=1|68=2|73=2|11=X|67=1|78=1|79=ACC|80=5|55=IBM|54=1|38=5|11=Y|67=2|55=IBM|54=2|38=7|"));
  const group = order.fields.find(({ tag }) => tag === 73);
  assert.equal(group.name, "NoOrders");
  assert.deepEqual(group.entries.map((entry) => entry[0].value), ["X", "Y"]);
  assert.deepEqual(group.entries[0].find(({ tag }) => tag === 78).entries[0].map(({ name }) => name), ["AllocAccount", "AllocShares"]);
  assert.equal(group.entries[1].find(({ tag }) => tag === 54).meaning, "SELL");
  assert.deepEqual(flat(order.fields).filter(({ entry }) => entry).map(({ tag, entry, depth }) => [tag, entry, depth]), [[11, 1, 1], [79, 1, 2], [11, 2, 1]]);
  assert.equal(order.name, "NewOrderList");
  assert.deepEqual([order.findings, order.garbled], [[], undefined], JSON.stringify(order.findings));
});

test("before FIX 4.2 a CHAR is text of any length, and ExecInst has several codes", async () => {
  const order = (version, rest = "") => allOf(decoder, right(version, `35=D|49=DESK|56=VENUE|34=2|52=20260114-12:00:01|11=ORDER-1|21=1|${rest}55=IBM|54=1|38=5|40=2|44=10.5|`));
  for (const version of ["FIX.4.0", "FIX.4.1"]) {
    for (const rest of ["", "18=G|", "18=1 G|"]) assert.deepEqual((await order(version, rest))[0].findings, [], `${version} ${rest}`);
    const [wrong] = await order(version, "18=1 ?|");
    assert.deepEqual(wrong.findings.map(({ tag, rule }) => [tag, rule]), [[18, 5]]);
  }
});

test("what is wrong is said: length, checksum, what is cut, and what a session would refuse, at its tag", async () => {
  const garbled = async (text) => (await allOf(decoder, text))[0].garbled;
  assert.match(await garbled(BEAT.replace(/10=\d+/, "10=000")), /CheckSum\(10\) is 000, computed/);
  assert.match(await garbled(BEAT.replace(/9=\d+/, "9=48")), /BodyLength\(9\) is 48, counted/);
  assert.match(await garbled("8=FIX.4.4|9=5|35=0|\n"), /CheckSum\(10\)/);
  const [order] = await allOf(decoder, right("FIX.4.4", "35=D|49=A|56=B|34=2|52=20260114-12:00:01|11=X|55=IBM|54=Z|60=20260114-12:00:01|38=5x|"));
  assert.deepEqual(order.findings.map(({ tag, rule }) => [tag, rule]).sort(), [[38, 6], [40, 1], [54, 5]]);
});

test("FIXT is read as the version that its session has agreed, and a password is shown nowhere", async () => {
  const logon = right("FIXT.1.1", "35=A|49=A|56=B|34=1|52=20260114-12:00:01|98=0|108=30|554=secret|1137=7|");
  const found = await allOf(decoder, `${logon}\n${right("FIXT.1.1", "35=0|49=B|56=A|34=1|52=20260114-12:00:01|")}`);
  assert.deepEqual(found.map(({ version }) => version), ["FIX.5.0", "FIX.5.0"]);
  assert.ok(!JSON.stringify(found).includes("secret"));
});

test("20 MB keep the decoder small", async () => {
  const line = `20260114-12:00:01.000 : ${BEAT}\n`;
  const piece = new Uint8Array(Buffer.from(line.repeat(Math.floor((1 << 20) / line.length))));
  decoder.begin();
  let count = 0;
  for (let number = 0; number < 20; number += 1) count += (await decoder.read(piece, number === 19)).length / 20;
  assert.equal(count, 20 * Math.floor((1 << 20) / line.length));
  assert.ok(decoder.module.memory.buffer.byteLength < 16 << 20, `${decoder.module.memory.buffer.byteLength}`);
});
