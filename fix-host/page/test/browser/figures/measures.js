// What is measured in the page: each takes a page that is open, or a browser, and adds lines to the table.

import http from "node:http";
import { open, wrong } from "../browser.js";
import { until } from "../flow.js";
import { post } from "../engine.js";
import { residentBytes } from "./market.js";
import { add, median, percentile } from "./table.js";

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export const pricesAreThere = (page) => until(page, "ten symbols", () => document.querySelectorAll("#prices .tr").length === 10, null, 30_000);

/** From the moment at which the engine heard a price to the frame of the screen that shows it; and what the stream sends. */
export async function prices(page, market, seconds) {
  await page.evaluate(async () => {
    const { link, on, state, timing } = await import("/assets/js/store.js");
    const now = () => performance.timeOrigin + performance.now();
    const figures = (globalThis.figures = { ages: [], moves: 0, link, timing });
    on("prices", () => {
      const heard = state.prices.filter((quote) => quote.isNew).map((quote) => Number(quote.time));
      figures.moves += heard.length;
      const channel = new MessageChannel();
      // A message that is sent while a frame is made comes when that frame is on the screen.
      channel.port1.onmessage = () => {
        for (const time of heard) figures.ages.push(now() - time);
        channel.port1.close();
      };
      channel.port2.postMessage(0);
    });
  });
  await sleep(2);
  const before = [await page.evaluate(begin), await market.readers.read(), performance.now()];
  await sleep(seconds);
  const [{ ages, painted, bytes, moves }, read] = [await page.evaluate(end), await market.readers.read()];
  const taken = (performance.now() - before[2]) / 1000;
  const readers = 49;
  // What is measured beside fewer updates is no figure of the goal.
  add("updates of prices that reach the page", moves / taken, "/s", undefined, 180);
  add("tick (heard by the engine) to painted, p50", median(ages), "ms");
  add("tick (heard by the engine) to painted, p99", percentile(ages, 0.99), "ms", 50);
  add("from the socket of the page to painted, p99", percentile(painted, 0.99), "ms");
  add("text of the stream to the page", bytes / taken / 1000, "kB/s", 12);
  add(`bytes of the stream to each of ${readers} light readers`, (read - before[1]) / readers / taken / 1000, "kB/s", 12);
}

const begin = () => {
  const { figures } = globalThis;
  figures.ages.length = figures.timing.painted.length = figures.timing.work.length = figures.moves = 0;
  figures.bytes = figures.link.bytes;
};

const end = () => {
  const { ages, timing, link, bytes, moves } = globalThis.figures;
  return { ages, painted: timing.painted, work: timing.work, bytes: link.bytes - bytes, moves };
};

/** Fills of resting orders by the hand of the exchange, so many a second; they end with `stop`. */
async function fills(market, rate) {
  const { orders } = await (await fetch(`${market.venue}/api/exchange/orders`)).json();
  let [done, refused, place] = [0, 0, 0];
  const timer = setInterval(() => {
    const { orderID } = orders[place++ % orders.length];
    post(market.venue, "/api/exchange/fill", { order: orderID, qty: 1, price: 50 }).then(({ status }) => (status < 300 ? (done += 1) : (refused += 1)), () => (refused += 1));
  }, 1000 / rate);
  return {
    counts: () => ({ done, refused }),
    stop: () => clearInterval(timer),
  };
}

export async function restingOrders(page, market, count) {
  const orders = Array.from({ length: count }, (_, place) => ({ clOrdID: `REST-${place}`, symbol: "10Y", side: "BUY", qty: 1_000_000, ordType: "LIMIT", price: 50 }));
  await post(market.page, "/api/orders", orders);
  await until(page, `${count} orders work`, async (wanted) => [...(await import("/assets/js/store.js")).state.orders.values()].filter((order) => order.state === "NEW").length >= wanted, count, 60_000);
}

/** A blotter of 200 rows of which 60 a second change, beside the prices. */
export async function blotter(page, market, seconds) {
  await restingOrders(page, market, 200);
  const running = await fills(market, 60);
  await sleep(2);
  const [from, at] = [running.counts().done, performance.now()];
  await page.evaluate(begin);
  await sleep(seconds);
  const { work } = await page.evaluate(end);
  const taken = (performance.now() - at) / 1000;
  const { done, refused } = running.counts();
  running.stop();
  if (refused) console.log(`${refused} fills were refused`);
  add("updates of a blotter of 200 rows, beside those of prices", (done - from) / taken, "/s", undefined, 54);
  add("frames that the page painted", work.length / taken, "/s");
  add("the page's own work a frame, p50", median(work), "ms");
  add("the page's own work a frame, p95", percentile(work, 0.95), "ms", 8);
}

/** Memory of page, browser and engine while prices move and orders are filled. */
export async function memory(browser, page, market, minutes) {
  const running = await fills(market, 5);
  const devtools = await page.context().newCDPSession(page);
  const whole = await browser.newBrowserCDPSession();
  const samples = [];
  const until = performance.now() + minutes * 60_000;
  while (performance.now() < until) {
    await sleep(Math.max(1, (minutes * 60) / 60));
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => residentBytes(id));
    samples.push({ heap: usedSize, renderer: Math.max(...renderers), engine: market.memory() });
  }
  running.stop();
  // The page keeps so many executions and minutes of prices: what is compared comes after the lists have begun to fill.
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  for (const [key, words] of [["heap", "heap of the page"], ["renderer", "memory of the browser's renderer"], ["engine", "memory of the engine"]]) {
    const [early, late] = [samples.slice(fifth, 2 * fifth), samples.slice(-fifth)].map((some) => median(some.map((one) => one[key])) / 1e6);
    add(`${words}, after ${minutes} min`, late, "MB");
    add(`  of that more than after ${(minutes * 0.3).toFixed(1)} min`, late - early, "MB", key === "engine" ? 10 : 5);
  }
}

/** How soon something is painted, from a browser that has nothing yet, and the bytes that it is made of. */
export async function firstLoad(browser, origin, views) {
  const paints = [];
  let asked;
  for (let round = 0; round < 7; round += 1) {
    const { page, context } = await open(browser, origin);
    asked = new Set();
    page.on("request", (request) => asked.add(new URL(request.url()).pathname));
    await page.goto(`${origin}/`);
    await pricesAreThere(page);
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN));
    if (round === 6) {
      const first = await bytesOf(origin, asked);
      add("first paint, from a browser without anything of it", median(paints), "ms", 300);
      add("first load of the page as it is sent", first / 1000, "kB", 100);
      await laterParts(page, origin, asked, views);
    }
    await context.close();
  }
}

async function laterParts(page, origin, asked, views) {
  const known = new Set(asked);
  for (const view of views) {
    await page.locator(`#go-${view}`).click();
    await until(page, `${view} is drawn`, (name) => document.getElementById(`view-${name}`).children.length > 0, view);
  }
  await page.locator("#go-inspector").click();
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill("8=FIX.4.2|9=49|35=0|49=OLD|56=NEW|34=7|52=20260114-12:00:01|10=000|");
  await page.locator("#paste-do").click();
  await until(page, "the decoder has come", () => document.getElementById("decoded-title").textContent.startsWith("Heartbeat"), null, 30_000);
  const later = new Set([...asked].filter((path) => !known.has(path)));
  // A worker's own requests are not told: they are what its files say.
  later.add("/assets/wasm/decoder.wasm");
  const part = (pattern) => new Set([...later].filter((path) => pattern.test(path)));
  add("parts that come when their view is looked at", (await bytesOf(origin, part(/\.js$/))) / 1000, "kB");
  add("the decoder (WebAssembly), with the inspector", (await bytesOf(origin, part(/\.wasm$/))) / 1000, "kB", 250);
}

async function bytesOf(origin, paths) {
  let sum = 0;
  for (const path of paths) if (path === "/" || path.startsWith("/assets/")) sum += await bytesOfOne(origin + path);
  return sum;
}

function bytesOfOne(url) {
  return new Promise((done, failed) => {
    http.get(url, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (data) => (bytes += data.length));
      answer.on("end", () => (answer.statusCode === 200 ? done(bytes) : failed(new Error(`${url}: ${answer.statusCode}`))));
    }).on("error", failed);
  });
}

export function otherOrigins() {
  add("requests to another origin", wrong.filter((one) => one.startsWith("another origin")).length, "", 0);
  const others = wrong.filter((one) => !one.startsWith("another origin"));
  if (others.length) console.log(`the browser complained:\n${others.join("\n")}`);
}
