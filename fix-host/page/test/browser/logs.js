// Logs as they are found: many sessions, all versions of FIX, lines that are no FIX, and messages that are damaged.

import { closeSync, openSync, writeSync } from "node:fs";
import { right } from "../decoder-of.js";

export const VERSIONS = ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"];
const SESSIONS = 24;
const SYMBOLS = ["10Y", "5Y", "IBM", "VOD.L", "ESZ6"];
const NOISE = [
  "2026-01-14 12:00:01,123 ERROR [pool-3] java.lang.IllegalStateException: no route\n\tat com.example.Router.send(Router.java:117)\n",
  "\u0000\u0001\u0002\u00ff8=FI 9=12 35= not a message\n",
  "---- rotated ----\n\n",
];
const PIECE = 1 << 20;

/** The messages of an order and its answer, between the two sides of a session. */
function* talk(order, sessions) {
  const of = order % SESSIONS;
  const [version, seconds] = [VERSIONS[of % VERSIONS.length], String(order % 60).padStart(2, "0")];
  const time = `20260114-12:00:${seconds}.000`;
  const says = (kind, from, to, body) => {
    const number = (sessions[`${from}>${to}`] = (sessions[`${from}>${to}`] ?? 0) + 1);
    return right(version, `35=${kind}|49=${from}|56=${to}|34=${number}|52=${time}|${body}`);
  };
  const [desk, venue, symbol] = [`DESK${of}`, `VENUE${of}`, SYMBOLS[order % SYMBOLS.length]];
  const what = `55=${symbol}|54=${(order % 2) + 1}|`;
  if (order < SESSIONS) {
    const logon = version === "FIXT.1.1" ? "98=0|108=30|1137=9|" : "98=0|108=30|";
    yield says("A", desk, venue, logon);
    yield says("A", venue, desk, logon);
  }
  yield says("D", desk, venue, `11=ORDER-${order}|21=1|${what}60=${time}|38=${order % 900}|40=2|44=${90 + (order % 20)}.25|`);
  const report = (state, id) => `37=V-${order}|11=ORDER-${order}|17=E${order}${id}|20=0|150=${state}|39=${state}|${what}38=${order % 900}|32=0|31=0|151=0|14=0|6=0|60=${time}|`;
  yield says("8", venue, desk, report("0", "a"));
  yield says("8", venue, desk, report("2", "b"));
  if (order % 50 === 0) yield says("0", venue, desk, "");
}

/** Writes a log of so many megabytes; how many messages are in it, and how many orders. */
export function writeLog(file, megabytes) {
  const out = openSync(file, "w");
  let [text, size, messages, order] = ["", 0, 0, 0];
  const sessions = {};
  const flush = () => {
    size += writeSync(out, Buffer.from(text, "latin1"));
    text = "";
  };
  for (; size + text.length < megabytes * 1e6; order += 1) {
    for (const message of talk(order, sessions)) {
      // One in some thousands is damaged: the decoder says so, and goes on with the next.
      const isDamaged = messages % 4999 === 4998;
      text += `20260114-12:00:01.000 : ${isDamaged ? message.replace(/10=\d+/, "10=999") : message}\n`;
      messages += 1;
    }
    if (order % 300 === 299) text += NOISE[(order / 300) % NOISE.length | 0];
    if (text.length > PIECE) flush();
  }
  flush();
  closeSync(out);
  return { messages, orders: order, bytes: size };
}
