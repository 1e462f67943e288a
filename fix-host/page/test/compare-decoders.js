// node compare-decoders.js ONE.wasm OTHER.wasm: both offer the same and say the same of all texts. `cargo xtask wasm` asks.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allOf, decoderOf, texts } from "./decoder-of.js";

const [one, other] = process.argv.slice(2);
const offers = (file) => WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(file))).map(({ kind, name }) => `${kind} ${name}`).filter((name) => name !== "global __data_end" && name !== "global __heap_base").sort();
assert.deepEqual(offers(one), offers(other));
const decoders = [await decoderOf(one), await decoderOf(other)];
let count = 0;
for (const text of texts()) {
  const [left, right] = [await allOf(decoders[0], text), await allOf(decoders[1], text)];
  assert.deepEqual(left, right);
  count += left.length;
}
console.log(`${count} messages, the same of both`);
