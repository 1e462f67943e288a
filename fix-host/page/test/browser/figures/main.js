// node main.js PROGRAM XTASK SECONDS MINUTES MEGABYTES: the figures of the page of PROGRAM, each with its goal; it fails if one is
// missed. XTASK measures a ping.

import { execFile } from "node:child_process";
import os from "node:os";
import { promisify } from "node:util";
import { launch, open } from "../browser.js";
import { freePort, kill, start } from "../engine.js";
import { marketOrderFills } from "../flow.js";
import { largeLog } from "../large.js";
import * as market from "./market.js";
import * as measures from "./measures.js";
import { add, median, missed, print } from "./table.js";

const [program, xtask, ...numbers] = process.argv.slice(2);
const [seconds, minutes, megabytes] = numbers.map(Number);
const VIEWS = ["sessions", "inspector", "exchange", "health"];
const READERS = 50;
const ROUNDS = 9;
const PINGS = 2000;
const TABS = 50;

/** A TestRequest to its Heartbeat at the engine whose prices move, in turns with and without readers. */
async function pings(running) {
  const ping = async () => Number((await promisify(execFile)(xtask, ["page", "--ping", String(running.ping), "--pings", String(PINGS)])).stdout);
  const [without, beside, ratios] = [[], [], []];
  await ping();
  for (let round = 0; round < ROUNDS; round += 1) {
    // Which comes first changes: a machine that gets busier or idler favours neither.
    for (const readers of round % 2 ? [READERS, 0] : [0, READERS]) {
      await running.readers.be(readers);
      (readers ? beside : without).push(await ping());
    }
    ratios.push(beside.at(-1) / without.at(-1));
  }
  add("FIX ping p50 without readers", median(without) / 1000, "us");
  add(`FIX ping p50 with ${READERS} readers`, median(beside) / 1000, "us");
  add(`FIX ping p50 with ${READERS} readers`, median(ratios), "x without", 1.1);
}

/** A browser without a screen takes all tabs for visible: one that is not looked at is told so, and is asked for no frames. */
function goToBackground() {
  Object.defineProperty(document, "hidden", { value: true });
  globalThis.requestAnimationFrame = () => 0;
  document.dispatchEvent(new Event("visibilitychange"));
}

/** Many tabs of one profile; from the last one an order is sent and is filled. */
async function tabs(browser) {
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const demo = await start(program, ["demo", "--api-port", String(api), "--fix-port", String(fix)], `${origin}/readyz`);
  const { page: first, context } = await open(browser, origin);
  let last = first;
  const begin = performance.now();
  for (let tab = 1; tab <= TABS; tab += 1) {
    if (tab > 1) last = await context.newPage();
    await last.goto(`${origin}/`, { timeout: 120_000 }).catch((problem) => {
      throw new Error(`tab ${tab} of one profile: ${problem.message}`);
    });
    await measures.pricesAreThere(last);
    if (tab < TABS) await last.evaluate(goToBackground);
  }
  console.log(`${TABS} tabs were open after ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  await last.bringToFront();
  const at = performance.now();
  const failure = await marketOrderFills(last).then(() => null, (problem) => problem);
  if (failure) console.log(`the order of the last tab: ${failure.message}`);
  add(`an order from tab ${TABS} of one profile, typed to filled in its row`, failure ? NaN : (performance.now() - at) / 1000, "s", 10);
  await context.close();
  await kill(demo);
}

/** A large log in the inspector, of an engine that is gone. */
async function log() {
  if (megabytes === 0) return;
  const { messages, readSeconds, searchSeconds, longestPause, grownBy } = await largeLog(program, megabytes);
  add(`a log of ${megabytes} MB, ${messages.toLocaleString("en")} messages, until its first is shown`, readSeconds, "s", 10);
  add("  an order near its end, from the first letter typed until it is found", searchSeconds, "s", 10);
  add("  the longest task of the page meanwhile (0: none took 50 ms)", longestPause, "ms", 200);
  add("  what page and browser grow by", grownBy, "MB", 250);
}

async function page(browser) {
  // Prices move as long as anything of this may take on a busy machine.
  const running = await market.open(program, 600 + seconds * 4 + minutes * 60);
  await measures.firstLoad(browser, running.page, VIEWS);
  await pings(running);
  const { page: one, context } = await open(browser, running.page);
  await one.goto(`${running.page}/`);
  await measures.pricesAreThere(one);
  await running.readers.be(READERS - 1);
  await measures.prices(one, running, seconds);
  await measures.blotter(one, running, seconds);
  if (minutes > 0) await measures.memory(browser, one, running, minutes);
  await context.close();
  await running.close();
}

const browser = await launch();
// What goes wrong in one part leaves the figures of the others.
let failed = 0;
for (const part of [log, page, tabs]) {
  await part(browser).catch((problem) => {
    failed += 1;
    console.log(`FAILED  ${problem.stack}`);
  });
}
measures.otherOrigins();
await browser.close();
print();
console.log(`\n${os.cpus()[0].model}, ${os.cpus().length} cores, load average at the end ${os.loadavg()[0].toFixed(1)}; browser and readers share the machine with the engine`);
for (const one of missed()) console.log(`MISSED  ${one}`);
process.exit(failed || missed().length ? 1 : 0);
