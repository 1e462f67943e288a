// The exchange is played by hand: orders, requests that wait, phases, the day.

import assert from "node:assert/strict";
import { post } from "./engine.js";
import { shows, until } from "./flow.js";

const row = (page, id) => page.locator(".venuerows .tr", { hasText: id });
const says = ([id, words]) => [...document.querySelectorAll(".venuerows .tr")].some((one) => one.textContent.includes(id) && one.textContent.includes(words));
const isGone = (id) => ![...document.querySelectorAll(".venuerows .tr")].some((one) => one.textContent.includes(id));
const order = (origin, clOrdID) => post(origin, "/api/orders", { clOrdID, symbol: "10Y", side: "BUY", qty: 9, ordType: "LIMIT", price: 55 });

/** An order is filled in part and canceled by the venue's hand, and all is halted and opened again. */
export async function exchangeByHand(page, origin) {
  await order(origin, "HAND-1");
  await page.locator("#go-exchange").click();
  await row(page, "HAND-1").locator("button", { hasText: "Fill" }).click();
  await page.locator("#hand-qty").fill("4");
  await page.locator("#hand-price").fill("57");
  assert.match(await page.locator("#hand-outcome.warn").textContent(), /worse than its limit/);
  await page.locator("#hand-qty").press("Enter");
  await until(page, "four are filled", () => [...document.querySelectorAll(".venueexecs .tr")].some((one) => one.textContent.includes("HAND-1")));
  await row(page, "HAND-1").locator("button", { hasText: "Cancel" }).click();
  await page.locator("#hand-do").click();
  await until(page, "it is gone from the venue", isGone, "HAND-1");
  for (const word of ["Open all", "Halt all"]) {
    await page.locator("#venue-halt").click();
    await until(page, `the button says ${word}`, (wanted) => document.getElementById("venue-halt").textContent === wanted, word);
  }
  await page.locator("#go-trade").click();
  await until(page, "the desk's row", () => [...document.querySelectorAll("#orders .tr")].some((one) => one.textContent.includes("HAND-1") && one.textContent.includes("Canceled") && one.textContent.includes("57.0000")));
}

/** All that the command line has for an order is in the menu of its row, which keys open too; what cannot be is not offered. */
export async function rowMenu(page, origin) {
  await order(origin, "MENU-1");
  await shows(page, "exchange");
  await row(page, "MENU-1").click();
  const deeds = () => page.evaluate(() => [...document.querySelectorAll("#row-menu button:enabled")].map((one) => one.dataset.deed).join(" "));
  const does = async (deed, means) => {
    await page.keyboard.press("m");
    await page.locator(`#row-menu [data-deed=${deed}]`).focus();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#hand-outcome").textContent(), means);
    await page.locator("#hand-do").press("Enter");
  };
  await page.keyboard.press("m");
  assert.equal(await deeds(), "fill stop suspend cancel");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.deed), "cancel");
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#row-menu").isHidden());
  await does("stop", /150=7/);
  await until(page, "it is stopped", says, ["MENU-1", "Stopped"]);
  await does("suspend", /150=9/);
  await until(page, "it is suspended", says, ["MENU-1", "Suspended"]);
  await page.keyboard.press("m");
  assert.equal(await deeds(), "resume cancel");
  await page.keyboard.press("Escape");
  await row(page, "MENU-1").locator("button", { hasText: "Resume" }).click();
  await page.locator("#hand-do").click();
  await until(page, "it is in its book again", (id) => [...document.querySelectorAll(".venuerows .tr")].some((one) => one.textContent.includes(id) && !one.textContent.includes("Suspended")), "MENU-1");
  await page.locator("#go-trade").click();
}

/** What waits is counted, also once nothing more is held, until it is decided. */
export async function waitingIsSaid(page, origin) {
  await shows(page, "exchange");
  const about = (words) => document.getElementById("venue-orders-about").textContent.includes(words);
  await page.locator(".venueorders [data-value=true]").click();
  await until(page, "requests are held", () => document.querySelector(".venueorders [data-value=true]").getAttribute("aria-checked") === "true");
  await order(origin, "WAIT-1");
  await until(page, "one waits", about, "1 has a request that waits");
  await page.locator(".venueorders [data-value=false]").click();
  await until(page, "it waits still", about, "1 has a request that waits still");
  await row(page, "WAIT-1").click();
  await page.keyboard.press("a");
  await until(page, "nothing waits", (words) => !document.getElementById("venue-orders-about").textContent.includes(words), "waits");
  await page.locator("#go-trade").click();
}

/** An instrument, and all, are put into each phase; the day of all ends at a second press, and is calculated then. */
export async function phasesAndTheDay(page) {
  await shows(page, "exchange");
  await page.locator(".instruments .tr", { hasText: "10Y" }).click();
  const phases = () => page.evaluate(() => [...document.querySelectorAll(".instruments .tr")].filter((one) => !one.textContent.includes("Open")).map((one) => one.querySelector(".strong").textContent + one.querySelector(".pill").textContent).join());
  for (const [value, words] of [["PRE_CLOSE", "Pre-close"], ["HALT", "Halted"], ["OPEN", ""]]) {
    await page.locator("#book-phase").selectOption(value);
    await page.locator("#book-phase-set").click();
    await until(page, `10Y is in ${value}`, (wanted) => document.getElementById("book-phase-set").disabled && document.getElementById("book-about").textContent.includes(wanted), words || "Open");
    assert.match(await phases(), words ? new RegExp(`^10Y. ${words}$`) : /^$/);
  }
  assert.ok(await page.locator("#venue-calculate").isDisabled(), "the day is not over");
  const all = (words) => [...document.querySelectorAll(".instruments .pill")].every((one) => one.textContent.includes(words));
  await page.locator("#venue-phase").selectOption("CLOSE");
  await page.locator("#venue-phase-set").click();
  await until(page, "it asks", () => document.getElementById("venue-phase-set").classList.contains("asking"));
  assert.equal(await phases(), "");
  await page.locator("#venue-phase-set").click();
  await until(page, "all is closed", all, "Closed");
  await page.locator("#venue-calculate").click();
  await until(page, "the day is calculated", () => /Calculate the day\s*told 150=B of [1-9]\d* orders?/.test(document.getElementById("venue-log").textContent));
  for (const [value, words] of [["PRE_OPEN", "Pre-open"], ["OPEN", "Open"]]) {
    await page.locator("#venue-phase").selectOption(value);
    await page.locator("#venue-phase-set").click();
    await until(page, `all is in ${value}`, all, words);
  }
  await page.locator("#go-trade").click();
}
