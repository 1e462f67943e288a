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
  await shows(page, "inspector");
  await page.locator(".card:visible").first().click();
  await until(page, "its bytes", () => document.getElementById("raw-about").textContent.includes("bytes"));
  assert.ok(await page.evaluate(() => document.getElementById("raw-about").scrollWidth <= document.getElementById("raw-about").clientWidth), "what is said of the bytes is cut");
  await context.close();
}
