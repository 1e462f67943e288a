// The engine is killed and started again: the page comes back by itself with the same orders, whichever the mailbox.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { tolerance } from "./browser.js";
import { openDesk } from "./desk.js";
import { freePort, kill, post, start } from "./engine.js";
import { shows, until } from "./flow.js";

const ORDERS = [["KEEP-1", 80], ["KEEP-2", 200]].map(([clOrdID, price]) => ({ clOrdID, symbol: "10Y", side: "BUY", qty: 5, ordType: "LIMIT", price }));

/** `mailbox`: what is added to the command, and how an order comes in. */
export async function restart(program, browser, step, mailbox = { args: [], send: ({ origin }, order) => post(origin, "/api/orders", order) }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const fix = await freePort();
  const exchangeConfig = path.join(folder, "exchange.cfg");
  writeFileSync(exchangeConfig, ["[SESSION]", "BeginString=FIX.4.4", "ConnectionType=acceptor", "SenderCompID=EXCHANGE", "TargetCompID=TRADEDESK", "SocketAcceptHost=127.0.0.1", `SocketAcceptPort=${fix}`, `FileStorePath=${folder}/exchange`, ""].join("\n"));
  const exchange = await start(program, ["exchange", "--config", exchangeConfig]);
  const desk = await openDesk(program, browser, { folder, fix, args: mailbox.args, sessions: () => [["SenderCompID=TRADEDESK", "TargetCompID=EXCHANGE", `FileStorePath=${folder}/desk`]] });
  await step("the page comes back by itself after a kill, with the same orders", desk.page, () => comesBack(desk, mailbox));
  await kill(exchange);
  await step("nothing can be sent while nobody is logged on", desk.page, () => until(desk.page, "the words of the ticket", () => document.getElementById("ticket-words").textContent.startsWith("Not logged on") && document.getElementById("ticket-send").disabled));
  await step("what happened to a session can be read to its end", desk.page, () => eventsAreWhole(desk.page));
  await desk.close();
}

const rows = () => [...document.querySelectorAll("#orders .tr")].map((row) => [...row.children].slice(1, 10).map((cell) => cell.textContent).join()).sort().join("\n");
const wire = (qty) => [...document.querySelectorAll("#wire tr")].some((row) => row.children[0].textContent === "38" && row.children[2].textContent === qty);
const happened = (what) => document.getElementById("session-events").textContent.includes(what);

async function eventsAreWhole(page) {
  await shows(page, "sessions");
  await until(page, "why there is no connection", happened, "cannot connect to");
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("#session-events li > span")].filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1).map((one) => one.textContent)), []);
  await page.locator("#go-trade").click();
}

async function comesBack(desk, mailbox) {
  const { page, origin } = desk;
  await page.goto(`${origin}/`);
  await until(page, "the session is logged on", () => document.getElementById("session-word").textContent === "LOGGED ON");
  for (const order of ORDERS) await mailbox.send(desk, order);
  await until(page, "both orders", () => document.querySelectorAll("#orders .tr").length === 2 && ["Working", "Filled"].every((word) => [...document.querySelectorAll("#orders .pill")].some((pill) => pill.textContent.includes(word))));
  const before = await page.evaluate(rows);
  await shows(page, "sessions");
  await until(page, "the first event of the session", happened, "LOGGED ON");
  await page.locator("#go-trade").click();
  await page.locator("#ticket-price").fill("80");
  await until(page, "the message of the ticket", wire, "10");
  tolerance.isDown = true;
  await kill(desk.engine);
  await whileItIsDown(page);
  desk.engine = await desk.begin("/readyz");
  await until(page, "the link is back", () => document.getElementById("lost").hidden && document.getElementById("session-word").textContent === "LOGGED ON", null, 20_000);
  tolerance.isDown = false;
  await until(page, "the message of the order as it is now", wire, "50");
  await until(page, "two orders", () => document.querySelectorAll("#orders .tr").length === 2);
  assert.equal(await page.evaluate(rows), before);
  await shows(page, "health");
  await shows(page, "sessions");
  for (const what of ["no link to the engine", "engine started again"]) await until(page, what, happened, what);
  assert.ok(!(await page.locator("#session-events").textContent()).includes("numbers set"), "nobody set numbers");
  await page.locator("#go-trade").click();
}

/** Nothing can be sent, old prices are marked, and a view that is not there yet says what to do. */
async function whileItIsDown(page) {
  await until(page, "the bar of a lost link", () => !document.getElementById("lost").hidden);
  assert.ok(await page.locator("#ticket-send").isDisabled(), "nothing can be sent");
  await until(page, "all prices are marked as stale", () => document.querySelectorAll("#prices .tr.stale").length === 10);
  await page.locator("#ticket-qty").fill("50");
  await until(page, "the message of another order is gone", () => document.querySelector("#wire tr") === null);
  await page.locator("#go-health").click();
  await until(page, "the words of a view that could not come", () => /could not be loaded.*Choose it again/.test(document.getElementById("view-health").textContent));
  await page.locator("#go-trade").click();
}
