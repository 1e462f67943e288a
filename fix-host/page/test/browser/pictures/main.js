// node main.js PROGRAM FOLDER: the pictures of the README, of the demonstration of PROGRAM: the same views after the same orders each time.

import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { launch, open, wrong } from "../browser.js";
import { freePort, post, start } from "../engine.js";
import { painted, until } from "../flow.js";

const [program, folder] = process.argv.slice(2);
/** What a picture may have at most, in bytes. */
const MOST = 200_000;
/** Milliseconds after which a price is painted at last, on a machine that has nothing else to do. */
const PAINTED = 50;
const SEED = 7;

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Orders of some minutes of a desk, between which prices move; the last ones work still. */
async function trades(origin) {
  const order = (clOrdID, side, qty, symbol, ordType, more = {}) => post(origin, "/api/orders", { clOrdID, side, qty, symbol, ordType, ...more });
  await order("D-101", "BUY", 100, "5Y", "MARKET", { timeInForce: "IOC" });
  await order("D-102", "BUY", 5000, "30Y", "LIMIT", { price: 99.9 });
  await sleep(20);
  await order("D-103", "SELL", 10, "10Y", "MARKET");
  await order("D-104", "SELL", 25, "USH6", "LIMIT", { price: 121, timeInForce: "GTC" });
  await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: "D-104", clOrdID: "D-105" });
  await sleep(20);
  await order("D-106", "BUY", 25, "10Y", "MARKET");
  await sleep(20);
  await order("D-107", "SELL", 200, "TYH6", "LIMIT", { price: 111 });
  await byHand(origin, "D-107");
  await order("D-109", "BUY", 10, "10Y", "LIMIT", { price: 95.9 });
  await post(origin, "/api/replaces", { type: "REPLACE", origClOrdID: "D-109", clOrdID: "D-110", symbol: "10Y", side: "BUY", qty: 10, ordType: "LIMIT", price: 95.95 });
  await sleep(20);
  await order("D-111", "BUY", 12, "10Y", "MARKET");
  await sleep(10);
}

/** The exchange fills a part by hand, and refuses to change the price of the rest. */
async function byHand(origin, id) {
  const { orders } = await (await fetch(`${origin}/api/exchange/orders`)).json();
  const { orderID } = orders.find((one) => one.clOrdID === id);
  await post(origin, "/api/exchange/fill", { order: orderID, qty: 125, price: 111 });
  await post(origin, "/api/exchange/hold", { hold: true });
  await post(origin, "/api/replaces", { type: "REPLACE", origClOrdID: id, clOrdID: "D-108", symbol: "TYH6", side: "SELL", qty: 200, ordType: "LIMIT", price: 111.5 });
  const answer = await post(origin, "/api/exchange/reject", { order: orderID, text: "too late to change" });
  if (answer.status !== 200) throw new Error(`the change was not refused: ${JSON.stringify(answer.body)}`);
  await post(origin, "/api/exchange/hold", { hold: false });
}

async function trade(page) {
  await page.locator("#prices .tr", { hasText: "10Y" }).first().click();
  await page.locator("#chart-spans [data-value='300']").click();
  await page.locator("#orders .tr", { hasText: "D-110" }).click();
  const price = await page.evaluate(async () => (await import("/assets/js/store.js")).quoteOf("10Y").bid);
  await page.locator("#ticket-price").fill((Number(price) - 0.02).toFixed(3));
  await page.locator("#ticket-price").blur();
  await until(page, "the message of the ticket", (value) => [...document.querySelectorAll("#wire tr")].some((row) => row.children[0].textContent === "44" && row.children[2].textContent === value), (Number(price) - 0.02).toFixed(3));
  await chartIsOfNow(page);
}

/** The chart is drawn a little later than a price comes, and shows another one until then. */
async function chartIsOfNow(page) {
  const moves = async () => (await import("/assets/js/store.js")).quoteOf("10Y").moves;
  await until(page, "a price", async (was) => (await import("/assets/js/store.js")).quoteOf("10Y").moves !== was, await page.evaluate(moves));
  await sleep(0.5);
}

/** All messages of the order that was filled in part, and how its reports differ. */
async function inspector(page) {
  await page.locator("#orders .tr", { hasText: "TYH6" }).first().click();
  await page.keyboard.press("i");
  const card = (words) => page.locator(".card:visible", { hasText: words }).first();
  await card("New, leaves 200").click();
  await page.keyboard.press("d");
  await card("Trade 125").click();
  await until(page, "what differs", () => document.querySelector("#diff tr") !== null);
}

/** The pictures show how soon prices are painted: of a busy machine they would show that. */
async function isQuiet(page) {
  const [, p99] = /p99 (\d+) ms/.exec(await page.locator("#status-paint").textContent());
  if (Number(p99) > PAINTED) throw new Error(`prices were painted after ${p99} ms (p99), more than ${PAINTED}: take the pictures while the machine has nothing else to do`);
}

/** Of few colours: a picture of text needs no more. */
async function keep(page, name) {
  await painted(page);
  const file = path.join(folder, `${name}.png`);
  const picture = await sharp(await page.screenshot()).png({ palette: true, colours: 256, effort: 10, compressionLevel: 9 }).toBuffer();
  if (picture.length > MOST) throw new Error(`${file} would have ${picture.length} bytes, more than ${MOST}`);
  writeFileSync(file, picture);
  console.log(`${file}: ${picture.length} bytes`);
}

async function take(browser) {
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  await start(program, ["demo", "--seed", String(SEED), "--api-port", String(api), "--fix-port", String(fix)], `${origin}/readyz`);
  const { page } = await open(browser, origin, { timezoneId: "UTC", locale: "en-GB" });
  await page.goto(`${origin}/`);
  await until(page, "prices", () => document.querySelectorAll("#prices .tr").length === 10);
  await trades(origin);
  await isQuiet(page);
  await trade(page);
  await keep(page, "dashboard-trade");
  await inspector(page);
  await keep(page, "dashboard-inspector");
  if (wrong.length) throw new Error(`the browser complained:\n${wrong.join("\n")}`);
}

const browser = await launch();
const problem = await take(browser).then(() => null, (failure) => failure);
await browser.close();
if (problem) console.error(`No pictures: ${problem.message}`);
process.exit(problem ? 1 : 0);
