// The worker of the inspector: it decodes, and holds of an opened log only where its messages are.
// Asked as { number, what, ... }, it answers { number, answer } or { number, error }, and { number, progress } on the way.

import { Decoder, Places } from "../pure/decoder.js";
import { gapBefore, isBetween, isFound, parseSearch, partiesOf } from "../pure/fix.js";

/** As much of a file is read at once. */
const PIECE = 1024 * 1024;

let starting = start();
/** Ends when no file is being read: the decoder reads one at a time. */
let reading = Promise.resolve();
let log = { file: new Blob([]), places: new Places() };
/** The search that was asked for last. */
let searching = null;

async function asset(path) {
  const answer = await fetch(`/assets/${path}`);
  if (!answer.ok) throw new Error(`${path} could not be loaded.`);
  return answer;
}

async function start() {
  const { instance } = await WebAssembly.instantiateStreaming(asset("wasm/decoder.wasm"));
  return new Decoder(instance, async (file) => new Uint8Array(await (await asset(`dictionaries/${file}`)).arrayBuffer()));
}

const ASKED = { decode, open, rows, search, sessions };

globalThis.addEventListener("message", async ({ data }) => {
  const tell = (progress) => globalThis.postMessage({ number: data.number, progress });
  try {
    globalThis.postMessage({ number: data.number, answer: await ASKED[data.what](await starting, data, tell) });
  } catch (problem) {
    // A decoder that has broken off is of no more use: another takes its place.
    if (problem instanceof WebAssembly.RuntimeError) starting = start();
    globalThis.postMessage({ number: data.number, error: problem.message });
  }
});

function decode(decoder, { text }) {
  return decoder.decodeText(text);
}

/** Finds the messages of a file: how many, and who sent the first. Another one that is opened meanwhile ends it. */
async function open(decoder, { file }, tell) {
  const mine = { file, places: new Places() };
  log = mine;
  const before = reading;
  reading = before.catch(() => {}).then(() => read(decoder, mine, tell));
  await reading;
  if (log !== mine) return null;
  const first = mine.places.length ? await decoded(decoder, mine, 0) : null;
  return { count: mine.places.length, sender: first?.fields.find(({ tag }) => tag === 49)?.value ?? null };
}

async function read(decoder, mine, tell) {
  mine.file = await asUtf8(mine.file);
  decoder.begin();
  for (let at = 0; ; at += PIECE) {
    const isLast = at + PIECE >= mine.file.size;
    const piece = await bytesOf(mine.file, at, at + PIECE);
    if (log !== mine) return;
    mine.places.push(await decoder.read(piece, isLast));
    if (isLast) return;
    tell(at + PIECE);
  }
}

/** The messages with these numbers, decoded, each with what the one of its sender before it makes of its number. */
function rows(decoder, { numbers }) {
  const of = log;
  return Promise.all(numbers.map(async (number) => {
    const message = await decoded(decoder, of, number);
    return { ...message, gap: gapBefore(message, await textsBefore(of, number)) };
  }));
}

/** So many messages before one are looked at for the last one of its sender. */
const LOOK_BACK = 40;

/** The messages before one, the nearest first; fewer where they are long. */
async function textsBefore({ file, places }, number) {
  const texts = [];
  if (number === 0) return texts;
  const end = places.at(number).offset;
  const from = Math.max(0, end - LOOK_BACK * 1024);
  const bytes = await bytesOf(file, from, end);
  const words = new TextDecoder();
  for (let before = number - 1; before >= Math.max(0, number - LOOK_BACK); before -= 1) {
    const { offset, len } = places.at(before);
    if (offset < from) break;
    texts.push(words.decode(bytes.subarray(offset - from, offset - from + len)));
  }
  return texts;
}

async function decoded(decoder, { file, places }, number) {
  const { offset, len, line, version } = places.at(number);
  return decoder.decode(await bytesOf(file, offset, offset + len), version, line);
}

/** The numbers of the messages that a search finds, between two parties or any, in the text as it is in the file; null once another one is asked for. */
async function search(_decoder, { text, parties }, tell) {
  const mine = (searching = {});
  const wanted = parseSearch(text);
  const found = [];
  const isWhole = await through(log, () => searching === mine, tell, (number, raw) => {
    if ((!parties || isBetween(raw, parties)) && isFound(wanted, { raw })) found.push(number);
  });
  return isWhole ? Uint32Array.from(found) : null;
}

/** So many sessions of a log are told apart. */
const MOST_SESSIONS = 200;

/** Between whom its messages are, as { sender, target, count } with the sender of the first; null once another log is opened. */
async function sessions(_decoder, _about, tell) {
  const found = new Map();
  const isWhole = await through(log, () => true, tell, (_number, raw) => {
    const parties = partiesOf(raw);
    if (!parties) return;
    const key = JSON.stringify([...parties].sort());
    const known = found.get(key);
    if (known) known.count += 1;
    else if (found.size < MOST_SESSIONS) found.set(key, { sender: parties[0], target: parties[1], count: 1 });
  });
  return isWhole ? [...found.values()] : null;
}

/** Shows all messages of a log, as its file has them, to `visit`; false if it broke off, for another was opened or it is not wanted. */
async function through({ file, places }, isWanted, tell, visit) {
  const words = new TextDecoder();
  for (let number = 0; number < places.length; ) {
    const from = places.at(number).offset;
    const piece = await bytesOf(file, from, from + PIECE);
    const first = number;
    for (; number < places.length; number += 1) {
      const { offset, len } = places.at(number);
      const begin = offset - from;
      if (begin + len > piece.length && number > first) break;
      const bytes = begin + len > piece.length ? await bytesOf(file, offset, offset + len) : piece.subarray(begin, begin + len);
      visit(number, words.decode(bytes));
    }
    if (log.places !== places || !isWanted()) return false;
    tell(from);
  }
  return true;
}

async function bytesOf(file, from, to) {
  return new Uint8Array(await file.slice(from, to).arrayBuffer());
}

/** Logs of PowerShell are UTF-16: read as UTF-8, like all others. */
async function asUtf8(file) {
  const [first, second] = await bytesOf(file, 0, 2);
  const name = (first === 0xff && second === 0xfe) || (first && second === 0) ? "utf-16le" : (first === 0xfe && second === 0xff) || (first === 0 && second) ? "utf-16be" : null;
  if (!name) return file;
  const decoder = new TextDecoder(name);
  const parts = [];
  for (let at = 0; at < file.size; at += PIECE) parts.push(new Blob([decoder.decode(await bytesOf(file, at, at + PIECE), { stream: true })]));
  return new Blob([...parts, decoder.decode()]);
}
