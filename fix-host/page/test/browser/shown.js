// What the page shows is so now, and it does no more for it than it must.

import assert from "node:assert/strict";
import { post } from "./engine.js";
import { painted, shows, until } from "./flow.js";

/** What is not looked at is not painted, and is as it should be once it is. */
export async function onlyTheViewIsPainted(page) {
  const bids = () => [...document.querySelectorAll("#prices .tr")].map((row) => row.children[2].textContent).join();
  await shows(page, "health");
  const before = await page.evaluate(bids);
  await until(page, "prices came", async (was) => (await import("/assets/js/store.js")).state.prices.every((quote, place) => quote.moves > was[place]), await page.evaluate(async () => (await import("/assets/js/store.js")).state.prices.map(({ moves }) => moves)));
  await painted(page);
  assert.equal(await page.evaluate(bids), before);
  await shows(page, "trade");
  await until(page, "the prices of now", (was) => [...document.querySelectorAll("#prices .tr")].map((row) => row.children[2].textContent).join() !== was, before);
}

/** The message of the ticket has the number that it would have now. */
export async function theNumberGoesOn(page, origin) {
  const number = () => [...document.querySelectorAll("#wire tr")].find((row) => row.children[0].textContent === "34")?.children[2].textContent;
  await page.locator("#ticket-qty").fill("3");
  await until(page, "the message of the ticket", number);
  const before = await page.evaluate(number);
  await post(origin, "/api/orders", { clOrdID: "NUMBER-1", symbol: "10Y", side: "BUY", qty: 1, ordType: "MARKET" });
  await until(page, "another number", (was) => [...document.querySelectorAll("#wire tr")].some((row) => row.children[0].textContent === "34" && row.children[2].textContent !== was), before);
}

/** At an exchange alone there is the exchange, and nothing to trade with. */
export async function exchangeAlone(page, origin) {
  await page.goto(`${origin}/`);
  await until(page, "the exchange", () => document.body.dataset.view === "exchange" && document.querySelector(".instruments .tr") !== null);
  assert.deepEqual(await page.evaluate(() => ["go-trade", "kill"].map((id) => document.getElementById(id).checkVisibility())), [false, false]);
  // Prices have their last digit, and the book of an instrument is there before one is chosen.
  await until(page, "prices to three decimals", () => [...document.querySelectorAll(".instruments .tr")].some((row) => /^10Y.*\d\.\d{3}.*\d\.\d{3}/.test(row.textContent)));
  await until(page, "a book", () => document.querySelector(".venuebook .level.bid:not(.none)") !== null);
  assert.match(await page.locator(".venuebook .level.bid .price").first().textContent(), /^\d+\.\d{3}$/);
  // What an exchange cannot be asked for is not offered, and what it does not tell is not waited for.
  await shows(page, "sessions");
  await until(page, "its session, without actions", () => document.getElementById("session-name").textContent !== "" && [...document.querySelectorAll(".sessionaction")].every((one) => !one.checkVisibility()));
  await shows(page, "inspector");
  await until(page, "where its messages are", () => document.getElementById("lanes").textContent.includes("FileLogPath"));
  await shows(page, "exchange");
  await page.keyboard.press("1");
  await page.keyboard.press("Shift+Escape");
  assert.deepEqual(await page.evaluate(() => [document.body.dataset.view, document.getElementById("armed").hidden]), ["exchange", true]);
}

/** Rows stand in the page as they are seen, whenever they came; the focus stays where it is when others come before it. */
export async function rowsStandInOrder(page, origin) {
  const order = (clOrdID) => post(origin, "/api/orders", { clOrdID, symbol: "10Y", side: "BUY", qty: 1, ordType: "LIMIT", price: 48 });
  const isThere = (id) => [...document.querySelectorAll("#orders .tr")].some((row) => row.rowId === id);
  await order("ROW-1");
  await until(page, "the first order", isThere, "ROW-1");
  await page.locator("#orders .tr", { hasText: "ROW-1" }).focus();
  for (const id of ["ROW-2", "ROW-3", "ROW-4"]) {
    await order(id);
    await until(page, id, isThere, id);
  }
  const places = () => page.evaluate(() => [...document.querySelectorAll("#orders .tr")].map((row) => Number(row.getAttribute("aria-rowindex"))));
  const inOrder = async () => assert.deepEqual(await places(), (await places()).sort((a, b) => a - b));
  await inOrder();
  assert.equal(await page.evaluate(() => document.activeElement.rowId), "ROW-1");
  await page.locator("#orders .th", { hasText: "ClOrdID" }).locator("button").click();
  await inOrder();
  for (const press of [1, 2]) await page.locator("#orders .th", { hasText: "Time" }).locator("button").click();
  await inOrder();
  await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: "ROW-1", clOrdID: "ROW-1C" });
}
