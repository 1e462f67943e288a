// The decoder in node, with the dictionaries of config/.

import { readFileSync, readdirSync } from "node:fs";
import { Decoder, Places } from "../js/pure/decoder.js";

const config = new URL("../../../config/versions/", import.meta.url);
const corpus = new URL("../../../fuzz/corpus/log/", import.meta.url);

export const COMMITTED = new URL("../wasm/decoder.wasm", import.meta.url);

export async function decoderOf(file) {
  const { instance } = await WebAssembly.instantiate(readFileSync(file));
  return new Decoder(instance, async (name) => new Uint8Array(readFileSync(new URL(name, config))));
}

/** All messages of a text, given in pieces of `size` bytes, each decoded from its own place. */
export async function allOf(decoder, text, size = 1 << 20) {
  const bytes = new Uint8Array(Buffer.from(text));
  const places = new Places();
  decoder.begin();
  for (let at = 0; ; at += size) {
    const isLast = at + size >= bytes.length;
    places.push(await decoder.read(bytes.subarray(at, at + size), isLast));
    if (isLast) break;
  }
  const all = [];
  for (let number = 0; number < places.length; number += 1) {
    const { offset, len, line, version } = places.at(number);
    all.push(await decoder.decode(bytes.subarray(offset, offset + len), version, line));
  }
  return all;
}

/** The message with the right BodyLength(9) and CheckSum(10), SOH between its fields. */
export function right(version, body) {
  const soh = body.replaceAll("|", "\u0001");
  const begin = `8=${version}\u00019=${Buffer.byteLength(soh)}\u0001${soh}`;
  let sum = 0;
  for (const byte of Buffer.from(begin)) sum += byte;
  return `${begin}10=${String(sum % 256).padStart(3, "0")}\u0001`;
}

const PARTS = "35=D|49=A|56=B|34=2|52=20260114-12:00:01|11=X|21=1|55=IBM|54=1|60=20260114-12:00:01|38=5|40=1|";

/** Texts of all kinds: damaged ones and every version. */
export const texts = () => [
  ...readdirSync(corpus).sort().map((name) => readFileSync(new URL(name, corpus)).subarray(1)),
  ...["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2", "FIXT.1.1"].map((version) => right(version, PARTS)),
];
