// What the page says is so: text of others as it is, prices as the buttons show them, actions that were done.

import assert from "node:assert/strict";
import { right } from "../decoder-of.js";
import { shows, until } from "./flow.js";

/** Text that turns around or shows nothing is written out wherever it is shown. */
export async function textIsWhatItIs(page) {
  const text = "a\u202eevil\u200bz";
  const shown = "a\\xe2\\x80\\xaeevil\\xe2\\x80\\x8bz";
  await shows(page, "inspector");
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill(`IN ${right("FIX.4.4", `35=B|49=VENUE|56=DESK|34=2|52=20260114-12:00:01|148=${text}|33=1|58=${text}|`).replaceAll("\u0001", "|")}\nIN 8=FIX.4.4|58=${text}|10=000|\n`);
  await page.locator("#paste-do").click();
  await until(page, "its fields", (wanted) => document.getElementById("decoded-body").textContent.includes(wanted), shown);
  assert.ok((await page.locator("#raw").textContent()).includes(shown));
  assert.ok((await page.locator(".messagerows .thead").textContent()).includes("VENUE sent"), "a log's lanes have the names of its senders");
  assert.ok(await page.locator("#inspect-beats").isHidden(), "nothing of a log is hidden");
  await until(page, "what nobody sent stands on no side", () => [...document.querySelectorAll(".messagerows .tr")].some((row) => row.querySelector(".decision.alone") && row.querySelectorAll(".card:not([hidden])").length === 0));
  await page.locator("#decoded-title ~ .segmented [data-value=json]").click();
  await until(page, "its JSON", (wanted) => document.querySelector("#decoded-body pre")?.textContent.includes(wanted), shown);
  await page.locator("#decoded-title ~ .segmented [data-value=tree]").click();
  // All text gets into the page by these.
  const made = await page.evaluate(async (value) => {
    const { el, setText, setTitle } = await import("/assets/js/dom.js");
    const set = el("b");
    setText(set, value);
    setTitle(set, value);
    return [el("b", { text: value }).textContent, el("b", {}, value).textContent, el("b", { "aria-label": value }).ariaLabel, set.textContent, set.title];
  }, text);
  assert.deepEqual(made, Array(5).fill(shown));
  assert.ok(!/[\u202e\u200b]/.test(await page.evaluate(() => document.body.textContent)), "it stands raw somewhere");
}

/** The ticket opens at the price of the button, and an untouched one at that of now; one that somebody chose stays. */
export async function ticketHasThePriceOfTheButton(browser, origin, open) {
  const { page, context } = await open(browser, origin, { viewport: { width: 390, height: 844 } });
  await page.goto(`${origin}/`);
  await until(page, "prices", () => document.getElementById("thumb-ask").textContent !== "");
  for (const [side, quote] of [["BUY", "ask"], ["SELL", "bid"]]) {
    const shown = await page.evaluate(async ([side, quote]) => {
      const { chosen, quoteOf } = await import("/assets/js/store.js");
      const price = document.getElementById(`thumb-${quote}`).textContent;
      // Another one came in that is not painted yet.
      quoteOf(chosen.symbol)[quote] = "1.0";
      document.getElementById(`thumb-${side}`).click();
      return price;
    }, [side, quote]);
    await until(page, "the ticket has it", (wanted) => document.getElementById("ticket-price").value === wanted, shown);
    await page.locator("#ticket-close").click();
  }
  await page.evaluate(async () => (await import("/assets/js/trade/ticket-form.js")).chooseSymbol("5Y"));
  await until(page, "a price of 5Y", () => document.getElementById("ticket-symbol").value === "5Y");
  const first = await page.locator("#ticket-price").inputValue();
  const bid = async () => (await import("/assets/js/trade/ticket-form.js")).priceAtMarket("5Y", "BUY");
  await until(page, "the market moved", async (was) => (await import("/assets/js/trade/ticket-form.js")).priceAtMarket("5Y", "BUY") !== was, first);
  await page.keyboard.press("b");
  await until(page, "the price of now", async () => document.getElementById("ticket-price").value === (await import("/assets/js/trade/ticket-form.js")).priceAtMarket("5Y", "BUY"));
  await page.locator("#ticket-price").fill("42");
  await page.locator("#ticket-close").click();
  await page.keyboard.press("b");
  assert.equal(await page.locator("#ticket-price").inputValue(), "42", `not ${await page.evaluate(bid)}`);
  await context.close();
}

/** What was done is not offered again as it stood before. */
export async function whatIfIsRenewed(page) {
  await shows(page, "sessions");
  await page.locator(".sessionaction[data-action=logout]").click();
  await until(page, "what if", () => document.getElementById("whatif-title").textContent === "What if: log out");
  await page.locator("#whatif-do").click();
  await until(page, "it is done, and gone", () => document.getElementById("whatif-said").textContent === "Log out: done." && document.getElementById("whatif-foot").hidden);
  await until(page, "no connection", () => document.getElementById("tile-in-note").textContent === "not logged on");
  await page.locator(".sessionaction[data-action=seqnum]").click();
  await until(page, "the number of now", () => document.getElementById("whatif-value").value !== "");
  const before = Number(await page.locator("#whatif-value").inputValue());
  await page.locator("#whatif-value").fill(String(before + 1));
  await until(page, "a warning", () => document.querySelector("#whatif-warnings .warn") !== null);
  await page.locator("#whatif-typed").fill("EXCHANGE");
  await page.locator("#whatif-do").click();
  await until(page, "it is done", () => document.getElementById("whatif-said").textContent === "Set numbers: done.");
  await until(page, "the number and the warnings are those of now", (now) => document.getElementById("whatif-value").value === String(now) && !document.getElementById("whatif-warnings").textContent.includes("would go from"), before + 1);
  assert.ok(await page.locator("#whatif-do").isDisabled());
  await page.locator("#whatif-value").fill(String(before));
  await page.locator("#whatif-typed").fill("EXCHANGE");
  await page.locator("#whatif-do").click();
  await until(page, "it is set back", (was) => document.getElementById("whatif-value").value === String(was) && document.getElementById("whatif-do").disabled, before);
  await page.locator(".sessionaction[data-action=logon]").click();
  await page.locator("#whatif-do").click();
  await until(page, "it is on again", () => document.getElementById("session-word").textContent === "LOGGED ON");
  assert.ok(await page.locator("#whatif-foot").isHidden());
  await page.locator("#go-trade").click();
}

/** Of the table and of the depth: the ask to buy, the bid to sell, at the price as it was shown. */
export async function clickedPricesFillTheTicket(page) {
  await shows(page, "trade");
  const filled = async (clicked) => until(page, `the ticket has ${clicked}`, ([symbol, side, price]) => document.getElementById("ticket-symbol").value === symbol && document.getElementById("ticket-price").value === price && document.getElementById("ticket-form").dataset.side === side, clicked);
  await filled(await page.evaluate(async () => {
    const { quoteOf } = await import("/assets/js/store.js");
    const cell = [...document.querySelectorAll("#prices .tr")].find((row) => row.rowId === "5Y").children[3];
    const price = [...cell.querySelectorAll("span")].map((one) => one.textContent).join("");
    // Another one came in that is not painted yet.
    quoteOf("5Y").ask = "1.0";
    cell.click();
    return ["5Y", "BUY", price];
  }));
  // Of the depth of 5Y: it stands near its bid.
  await until(page, "its depth", async () => Math.abs(Number(document.querySelector("#depth .bid:not(.none) .price")?.textContent) - Number((await import("/assets/js/store.js")).quoteOf("5Y").bid)) < 0.2);
  await filled(await page.evaluate(() => {
    const row = document.querySelector("#depth .level.bid:not(.none)");
    const price = row.querySelector(".price").textContent;
    row.click();
    return ["5Y", "SELL", price];
  }));
}
