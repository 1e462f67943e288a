// What a trader keeps and takes away: templates of the ticket, and tables as CSV.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { post } from "./engine.js";
import { painted, shows, until } from "./flow.js";

const DRAFT = { symbol: "5Y", qty: "33", price: "77.25", account: "FUND-7" };
const filled = () => ({ ...Object.fromEntries(["symbol", "qty", "price", "account"].map((name) => [name, document.getElementById(`ticket-${name}`).value])), side: document.getElementById("ticket-form").dataset.side, tif: document.querySelector("#ticket-form [aria-label='Time in force'] [aria-checked=true]").dataset.value, extra: [...document.querySelectorAll("#ticket-form .extra input")].map((one) => one.value).join() });

/** A ticket is kept under a name, is there after a reload, fills the ticket, and is forgotten; by keys alone. */
export async function templatesAreKept(page, origin) {
  await shows(page, "trade");
  await page.locator("#ticket-symbol").selectOption(DRAFT.symbol);
  await page.locator("#prices .tr", { hasText: DRAFT.symbol }).first().focus();
  await page.keyboard.press("s");
  for (const name of ["qty", "price", "account"]) await page.locator(`#ticket-${name}`).fill(DRAFT[name]);
  await page.locator("#ticket-form [aria-label='Time in force'] [data-value=IOC]").click();
  await page.locator("#ticket-tag").click();
  for (const [place, text] of ["5001", "=X"].entries()) await page.locator("#ticket-form .extra input").nth(place).fill(text);
  const kept = await page.evaluate(filled);
  assert.deepEqual(kept, { ...DRAFT, side: "SELL", tif: "IOC", extra: "5001,=X" });
  const name = "<img src=x onerror=boom()>";
  await page.locator("#templates-box summary").focus();
  await page.keyboard.press("Enter");
  assert.match(await page.locator("#templates").textContent(), /None yet/);
  await page.locator("#templates-new input").focus();
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until(page, "it stands in the list", (wanted) => document.getElementById("templates").textContent.includes(wanted), name);
  await page.goto(`${origin}/`);
  await until(page, "prices", () => document.querySelectorAll("#prices .tr").length === 10);
  assert.notDeepEqual(await page.evaluate(filled), kept, "a new page has a new ticket");
  await page.locator("#templates-box summary").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await painted(page);
  assert.deepEqual(await page.evaluate(filled), kept, "the ticket is as it was kept");
  await page.locator("#templates-box summary").click();
  await page.locator("#templates button", { hasText: "\u00d7" }).click();
  assert.match(await page.locator("#templates").textContent(), /None yet/);
  await page.locator("#templates-box summary").click();
  assert.equal(await page.evaluate(() => document.querySelectorAll("#templates img").length), 0);
  await page.locator("#ticket-form .extra button").click();
  await page.locator("#ticket-account").fill("");
}

/** The rows of a CSV by RFC 4180, as a spreadsheet reads them. */
function parsed(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
    if (end === "") break;
  }
  return rows.slice(0, -1);
}

async function downloaded(page) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator("#orders-csv").click()]);
  return [file.suggestedFilename(), parsed(readFileSync(await file.path(), "utf8"))];
}

/** What a spreadsheet would run as a formula: of our accounts, and of texts of the counterparty. */
const FORMULAS = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://x.test\",\"y\")"];

/** The rows that are shown, whole, with nothing in them that a spreadsheet would run. */
export async function csvIsOnlyData(page, origin) {
  await shows(page, "trade");
  for (const [number, formula] of FORMULAS.entries()) {
    const clOrdID = `CSV-${number}`;
    assert.equal((await post(origin, "/api/orders", { clOrdID, symbol: "10Y", side: "BUY", qty: 4, ordType: "LIMIT", price: 46, account: formula })).status, 202, formula);
    await post(origin, "/api/exchange/hold", { hold: true });
    await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: clOrdID, clOrdID: `${clOrdID}C` });
    const orders = (await (await fetch(`${origin}/api/exchange/orders`)).json()).orders;
    const { orderID } = orders.find((one) => one.clOrdID === clOrdID || one.origClOrdID === clOrdID || JSON.stringify(one).includes(clOrdID));
    assert.equal((await post(origin, "/api/exchange/reject", { order: orderID, text: formula })).status, 200, `the venue says ${formula}`);
  }
  await post(origin, "/api/exchange/hold", { hold: false });
  await page.locator("#orders-filter").fill("id:CSV-");
  await until(page, "the orders", (count) => document.querySelectorAll("#orders .tr").length === count, FORMULAS.length);
  const [name, [head, ...rows]] = await downloaded(page);
  assert.equal(name, "orders.csv");
  assert.equal(rows.length, FORMULAS.length, "the rows that are shown");
  const account = (row) => row[head.indexOf("account")];
  assert.deepEqual(rows.map(account).sort(), FORMULAS.map((formula) => `'${formula}`).sort());
  assert.deepEqual([rows[0][head.indexOf("qty")], rows[0][head.indexOf("price")]], ["4", "46"]);
  await page.locator("#tab-executions").click();
  const [reportsName, [titles, ...reports]] = await downloaded(page);
  assert.equal(reportsName, "executions.csv");
  const texts = reports.map((row) => row[titles.indexOf("text")]);
  for (const formula of FORMULAS) assert.ok(texts.includes(`'${formula}`), `${formula} in ${texts}`);
  for (const cell of [...rows, ...reports].flat()) assert.ok(!/^[=+\-@\t\r]/.test(cell) || Number.isFinite(Number(cell)), `a spreadsheet runs ${cell}`);
  await page.locator("#tab-orders").click();
  await page.locator("#orders-filter").fill("");
}
