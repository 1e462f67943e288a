// A phone: what is chosen can be reached with a thumb, and what is said can be read.

import assert from "node:assert/strict";
import { post } from "./engine.js";
import { painted, shows, until } from "./flow.js";

/** The buttons of a row that is chosen at the lower end lie under nothing; the head of a message's bytes is not cut. */
export async function whatIsChosenIsWhole(browser, origin, open) {
  const { page, context } = await open(browser, origin, { viewport: { width: 390, height: 844 } });
  await page.goto(`${origin}/`);
  for (let number = 0; number < 12; number += 1) await post(origin, "/api/orders", { clOrdID: `LOW-${number}`, symbol: "10Y", side: "BUY", qty: 1, ordType: "LIMIT", price: 49 });
  await until(page, "orders", () => document.querySelectorAll("#orders .tr").length > 6);
  // The lowest row of which a finger reaches something.
  const id = await page.evaluate(() => {
    const isSeen = (row) => {
      const { left, top, height } = row.getBoundingClientRect();
      return row.contains(document.elementFromPoint(left + 20, top + height / 2));
    };
    return [...document.querySelectorAll("#orders .tr")].filter(isSeen).at(-1).rowId;
  });
  const row = `[...document.querySelectorAll("#orders .tr")].find((one) => one.rowId === ${JSON.stringify(id)})`;
  await page.evaluate(`${row}.click()`);
  await painted(page);
  const under = await page.evaluate(`[...${row}.querySelectorAll(".actions button")].filter((one) => one.checkVisibility()).filter((one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return ![top + 1, bottom - 1].every((y) => one.contains(document.elementFromPoint((left + right) / 2, y)));
  }).map((one) => one.textContent)`);
  assert.deepEqual(under, [], "buttons of the chosen row that lie under something");
  await page.locator("#depth").scrollIntoViewIfNeeded();
  await until(page, "the book", () => document.querySelector("#depth .level.bid:not(.none)")?.checkVisibility());
  const cut = await page.evaluate(() => [...document.querySelectorAll(".split :is(.td, .th)")].filter((cell) => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent));
  assert.deepEqual(cut, [], "cut in the book and its trades");
  await shows(page, "inspector");
  await until(page, "messages", () => document.querySelectorAll(".messagerows .tr").length > 1);
  const blank = await page.evaluate(() => [...document.querySelectorAll(".messagerows .tr")].filter((row) => ![...row.querySelectorAll(".card, .td.decision")].some((one) => one.checkVisibility() && one.textContent.trim())).map((row) => row.textContent));
  assert.deepEqual(blank, [], "rows that say nothing");
  await page.locator(".card:visible").first().click();
  await until(page, "its bytes", () => document.getElementById("raw-about").textContent.includes("bytes"));
  assert.ok(await page.evaluate(() => document.getElementById("raw-about").scrollWidth <= document.getElementById("raw-about").clientWidth), "what is said of the bytes is cut");
  await context.close();
}

/** On screens narrower than a desk's the numbers of an order are whole, and its buttons lie in its row. */
export async function rowsFitNarrowScreens(browser, origin, open) {
  await post(origin, "/api/orders", { clOrdID: "FIT-1", symbol: "10Y", side: "BUY", qty: 5_000_000, ordType: "LIMIT", price: 49 });
  await post(origin, "/api/orders", { clOrdID: "FIT-2", symbol: "TUH6", side: "BUY", qty: 999_900, ordType: "MARKET" });
  await bookFits(browser, origin, open);
  for (const width of [1440, 1280, 1200, 1024, 820, 768]) {
    const { page, context } = await open(browser, origin, { viewport: { width, height: 900 } });
    await page.goto(`${origin}/`);
    const row = page.locator("#orders .tr", { hasText: "5,000,000" });
    await row.hover();
    const out = await row.evaluate((one) => {
      const right = one.closest(".grid").getBoundingClientRect().right;
      const numbers = [...one.querySelectorAll(".td.num")].filter((cell) => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1);
      const state = one.querySelector(".pill");
      state.lastElementChild.textContent = "Pending replace";
      if (state.getBoundingClientRect().width > state.parentElement.getBoundingClientRect().width) numbers.push(state);
      const buttons = [...one.querySelectorAll(".actions button")].filter((button) => !button.checkVisibility() || button.getBoundingClientRect().right > right);
      return [...numbers, ...buttons].map((part) => part.textContent);
    });
    assert.deepEqual(out, [], `cut at ${width}`);
    if (width >= 1280) {
      const filled = page.locator("#orders .tr", { hasText: "TUH6" }).filter({ hasText: "Filled" }).first();
      assert.deepEqual(await filled.evaluate((one) => [...one.querySelectorAll(".td.num")].filter((cell) => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent)), [], `cut at ${width}`);
    }
    const kill = await page.locator("#kill").evaluate((one) => one.getBoundingClientRect().right);
    assert.ok(kill <= width, `the kill switch is out of view at ${width}`);
    await page.evaluate(() => (document.getElementById("session-who").textContent = "A-LONG-NAME-OF-OURS \u2192 A-LONG-NAME-OF-THEIRS"));
    assert.ok((await page.locator("#kill").evaluate((one) => one.getBoundingClientRect().right)) <= width, `names push it out at ${width}`);
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("#prices .tr, #depth .level.bid")].filter((one) => one.checkVisibility()).length > 11), true, `prices and book at ${width}`);
    await context.close();
  }
}

/** Of the book and its trades nothing is cut: the widest price there is, and the widest quantity that is written out. */
async function bookFits(browser, origin, open) {
  for (const width of [1600, 1280, 1024, 768, 390]) {
    const { page, context } = await open(browser, origin, { viewport: { width, height: 844 } });
    await page.goto(`${origin}/`);
    await until(page, "prices", () => document.querySelectorAll("#prices .tr").length === 10);
    await page.evaluate(() => [...document.querySelectorAll("#prices .tr")].find((row) => row.rowId === "TUH6").click());
    // Ours rests at the best bid, until somebody trades with it.
    const bid = await page.evaluate(async () => (await import("/assets/js/store.js")).quoteOf("TUH6").bid);
    await post(origin, "/api/orders", { clOrdID: `FIT-3-${width}`, symbol: "TUH6", side: "BUY", qty: 99_999, ordType: "LIMIT", price: Number(bid) });
    await page.locator("#depth").scrollIntoViewIfNeeded();
    await until(page, "our trade and our order", () => [[".print .qty", "999.9 K"], [".level .mine", "99,999"]].every(([cells, text]) => [...document.querySelectorAll(cells)].some((cell) => cell.textContent === text)));
    const cut = await page.evaluate(() => [...document.querySelectorAll(".split :is(.td, .th)")].filter((cell) => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent));
    assert.deepEqual(cut, [], `cut in the book and its trades at ${width}`);
    await post(origin, "/api/cancels", { clOrdID: `FIT-4-${width}`, origClOrdID: `FIT-3-${width}` });
    await context.close();
  }
}
