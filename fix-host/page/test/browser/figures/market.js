// What is measured: an engine whose counterparty moves ten prices twenty times a second each, and light readers of its stream.

import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort, kill, start } from "../engine.js";

export const SYMBOLS = { "2Y": 99.875, "3Y": 99.1, "5Y": 98.5, "10Y": 96.25, "30Y": 95.8, TUH6: 102.12, TYH6: 110.15, USH6: 119.05, SR3H6: 96.5, SR3Z6: 96.35 };
const TICKS = { TUH6: 0.004, "5Y": 0.001 };
const UPDATES_A_SECOND = 20;

/** A recording of so many seconds: each symbol moves by a tick each 50 ms, at a moment of its own, and trades now and then. */
async function record(file, seconds) {
  const out = createWriteStream(file);
  out.write("time,symbol,bid,ask,tradePrice,tradeQty\n");
  const symbols = Object.entries(SYMBOLS).map(([symbol, from], place) => {
    const tick = TICKS[symbol] ?? 0.005;
    return { symbol, tick, at: Math.round(from / tick), late: place * 0.005 };
  });
  // The same each time: a small generator of its own.
  let chance = 1;
  const next = () => (chance = (chance * 48271) % 2147483647) / 2147483647;
  for (let step = 0; step < seconds * UPDATES_A_SECOND; step += 1) {
    let lines = "";
    for (const one of symbols) {
      one.at += next() < 0.5 ? -1 : 1;
      const [bid, ask] = [one.at - 2, one.at + 2].map((ticks) => (ticks * one.tick).toFixed(3));
      const trade = next() < 0.01 ? `${(one.at * one.tick).toFixed(3)},1000000` : ",";
      lines += `${(step / UPDATES_A_SECOND + one.late).toFixed(3)},${one.symbol},${bid},${ask},${trade}\n`;
    }
    if (!out.write(lines)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** Starts all of it; prices move for `seconds`. */
export async function open(program, seconds) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "figures-"));
  const [api, venue, fix, ping] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const session = (lines) => `[SESSION]\nBeginString=FIX.4.4\n${lines.join("\n")}\n`;
  const file = (name, text) => {
    writeFileSync(path.join(scratch, name), text);
    return path.join(scratch, name);
  };
  await record(path.join(scratch, "prices.csv"), seconds);
  const exchangeConfig = file("exchange.cfg", session(["ConnectionType=acceptor", "SenderCompID=EXCHANGE", "TargetCompID=TRADEDESK", "SocketAcceptHost=127.0.0.1", `SocketAcceptPort=${fix}`]));
  const deskConfig = file("desk.cfg",
    session(["ConnectionType=initiator", "SenderCompID=TRADEDESK", "TargetCompID=EXCHANGE", "HeartBtInt=30", "ReconnectInterval=1", "SocketConnectHost=127.0.0.1", `SocketConnectPort=${fix}`, "MarketData=subscribe"])
    + session(["ConnectionType=acceptor", "SenderCompID=TRADEDESK", "TargetCompID=PING", "SocketAcceptHost=127.0.0.1", `SocketAcceptPort=${ping}`]));
  const origins = { page: `http://127.0.0.1:${api}`, venue: `http://127.0.0.1:${venue}` };
  const exchange = await start(program, ["exchange", "--config", exchangeConfig, "--replay", path.join(scratch, "prices.csv"), "--http", `127.0.0.1:${venue}`], `${origins.venue}/healthz`);
  const engine = await start(program, ["start", "--fix-config", deskConfig, "--api", `127.0.0.1:${api}`], `${origins.page}/readyz`);
  const readers = await lightReaders(api);
  return {
    ...origins,
    readers,
    ping,
    memory: () => residentBytes(engine.pid),
    async close() {
      readers.close();
      await kill(engine);
      await kill(exchange);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

async function lightReaders(port) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("readers.js", import.meta.url)), String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let count = 0;
  return {
    /** Makes them so many; the bytes that all have read so far. */
    async be(wanted) {
      count = wanted;
      child.stdin.write(`${wanted}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the light readers have ended");
      return Number(value.split(" ")[1]);
    },
    read() {
      return this.be(count);
    },
    close: () => child.stdin.end(),
  };
}

/** What a process has in memory; NaN where the system does not say. */
export function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
  } catch {
    return NaN;
  }
}
