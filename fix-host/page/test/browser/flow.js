// What a trader and an engineer do with the page, one step after the other, in a real browser.

import assert from "node:assert/strict";
import { right } from "../decoder-of.js";
import { headsFit } from "./cut.js";
import { post } from "./engine.js";
import { PAYLOADS } from "./payloads.js";

/** Waits until `check`, run in the page with `argument`, gives or promises something true. */
export async function until(page, words, check, argument, timeout = 10_000) {
  const end = Date.now() + timeout;
  let alarm;
  const hangs = new Promise((_, fail) => (alarm = setTimeout(() => fail(new Error(`the page does not answer: ${words}`)), timeout + 5000)));
  // A page that is just being left, or has no document yet, does not answer.
  const holds = () => page.evaluate(check, argument).catch((problem) => {
    if (!/context was destroyed|navigat/i.test(problem.message)) throw problem;
  });
  try {
    while (!(await Promise.race([holds(), hangs]))) {
      if (Date.now() > end) throw new Error(`not within ${timeout / 1000} s: ${words}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  } finally {
    clearTimeout(alarm);
  }
}

/** The page paints all that changed up to now. */
export const painted = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** What of a view is drawn last, out of what the engine says. */
const DRAWN = { trade: "#prices .tr", sessions: "#sessions-table .tr", inspector: "#lanes .card:not([hidden]), #lanes .empty", exchange: ".instruments .tr", health: "#parts tr" };

/** Goes to a view and waits until it is drawn. */
export async function shows(page, view) {
  await page.locator(`#go-${view}`).click();
  await until(page, `${view} is drawn`, (drawn) => document.querySelector(drawn) !== null, DRAWN[view]);
  await painted(page);
}

const rowWith = ([text, state]) => [...document.querySelectorAll("#orders .tr")].some((row) => row.textContent.includes(text) && row.textContent.includes(state));

export async function loads(page, origin, isSaid) {
  await page.goto(`${origin}/`);
  await until(page, "ten symbols", () => document.querySelectorAll("#prices .tr").length === 10);
  await until(page, "the session is logged on", () => document.getElementById("session-word").textContent === "LOGGED ON");
  if (isSaid) await until(page, "the strip says SIMULATED", () => document.getElementById("strip").checkVisibility());
}

export async function pricesMove(page) {
  const bids = () => [...document.querySelectorAll("#prices .tr")].map((row) => row.children[2].textContent).join();
  const first = await page.evaluate(bids);
  await until(page, "a price moved", (before) => [...document.querySelectorAll("#prices .tr")].map((row) => row.children[2].textContent).join() !== before, first);
  await until(page, "a price flashes", () => document.querySelector("#prices .flash:is(.up, .down)") !== null);
}

/** BUY 10 10Y at market, from the keyboard alone. */
export async function marketOrderFills(page) {
  await page.locator("#prices .tr", { hasText: "10Y" }).first().click();
  await page.keyboard.press("t");
  await page.keyboard.type("10");
  await page.locator("#ticket-form [data-value=MARKET]").click();
  await page.locator("#ticket-qty").focus();
  await until(page, "the ticket can be sent", () => !document.getElementById("ticket-send").disabled);
  await page.keyboard.press("Enter");
  await until(page, "a second press is asked for", () => document.getElementById("ticket-send").classList.contains("asking"));
  await page.keyboard.press("Enter");
  await until(page, "the order is filled in its row", rowWith, ["10Y", "Filled"]);
  await page.locator("#ticket-confirm").uncheck();
}

export async function limitIsReplacedAndCanceled(page) {
  await page.locator("#ticket-form [data-value=LIMIT]").click();
  await page.locator("#ticket-price").fill("90");
  await page.locator("#ticket-qty").fill("7");
  await until(page, "the ticket can be sent", () => !document.getElementById("ticket-send").disabled);
  await page.locator("#ticket-price").press("Enter");
  await until(page, "the order works", rowWith, ["90.000", "Working"]);
  const row = page.locator("#orders .tr", { hasText: /90\.000.*Working/ }).first();
  await row.click();
  await page.keyboard.press("r");
  await until(page, "the ticket replaces", () => document.getElementById("ticket-title").textContent.startsWith("Replace"));
  await headsFit(page);
  const side = () => page.locator("#ticket-form").getAttribute("data-side");
  const before = await side();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(before === "BUY" ? "s" : "b");
  assert.equal(await side(), before, "an order that is changed keeps its side");
  await page.locator("#ticket-price").fill("91");
  await until(page, "the ticket can be sent", () => !document.getElementById("ticket-send").disabled);
  await page.locator("#ticket-price").press("Enter");
  await until(page, "the row has the new price and its chain", rowWith, ["91.000", "\u21b3 1"]);
  await page.locator("#orders .tr", { hasText: /91\.000.*Working/ }).first().click();
  await page.keyboard.press("x");
  await until(page, "the order is canceled in its row", rowWith, ["91.000", "Canceled"]);
}

/** What an order can carry, and what a log can, shown as text. */
export async function payloadsStayText(page, origin) {
  await page.evaluate(() => { globalThis.boom = () => { globalThis.isBoom = true; }; });
  let taken = 0;
  for (const [number, payload] of PAYLOADS.entries()) {
    const order = { clOrdID: `${number}${payload}`.slice(0, 64), symbol: payload.slice(0, 32), side: "BUY", qty: 1, ordType: "LIMIT", price: 1, account: payload.slice(0, 64), fields: { 58: payload } };
    const answers = [await post(origin, "/api/orders", order)];
    // What is refused as a symbol is tried as an id and a text alone.
    if (answers[0].status !== 202) answers.push(await post(origin, "/api/orders", { ...order, clOrdID: `${number}b${payload}`.slice(0, 64), symbol: "10Y" }));
    if (answers.some((answer) => answer.status === 202)) taken += 1;
  }
  assert.ok(taken >= 50, `only ${taken} payloads were taken`);
  await page.locator("#go-trade").click();
  await page.locator("#orders-filter").fill("<img");
  await until(page, "the payloads stand in the blotter", () => document.getElementById("orders").textContent.includes("<img"));
  await page.locator("#orders .tr").first().click();
  await page.keyboard.press("c");
  await page.locator("#orders-filter").fill("");
  await page.locator("#tab-executions").click();
  await until(page, "the executions", () => document.getElementById("executions").textContent.includes("boom()"));
  await page.locator("#tab-orders").click();
  for (const view of ["sessions", "inspector", "exchange", "health"]) await shows(page, view);
  await shows(page, "exchange");
  await until(page, "the payloads stand at the exchange", () => document.querySelector(".venuerows").textContent.includes("boom()"));
  await payloadsInALog(page);
  await page.locator("#go-trade").click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("boom");
  await page.keyboard.press("Escape");
  // A picture that is not there fails behind all that the page had asked for before.
  await page.evaluate(() => new Promise((done) => Object.assign(new Image(), { onerror: done, src: "/no-such-picture" })));
  assert.equal(await page.evaluate(() => globalThis.isBoom ?? false), false, "a payload ran");
}

async function payloadsInALog(page) {
  await page.locator("#go-inspector").click();
  await page.keyboard.press("p");
  const lines = PAYLOADS.map((payload, number) => `8=FIX.4.4|9=1|35=8|49=${payload}|56=${payload}|34=${number}|11=${payload}|55=${payload}|58=${payload}|10=000|`);
  await page.locator("#paste-text").fill(lines.map((line) => line.replaceAll("\n", " ")).join("\n"));
  await page.locator("#paste-do").click();
  await until(page, "the messages of the log", () => document.querySelectorAll(".card:not([hidden])").length > 5);
  for (let press = 0; press < 20; press += 1) await page.keyboard.press("j");
  await until(page, "a payload is decoded", (all) => all.some((payload) => document.getElementById("decoded-body").textContent.includes(payload)), PAYLOADS);
}

export async function resetHasAPreview(page) {
  await page.locator("#go-sessions").click();
  await until(page, "the session's row", () => document.querySelector("#sessions-table .tr") !== null);
  await page.locator(".sessionaction[data-action=reset]").click();
  await until(page, "what the reset would do", () => document.getElementById("whatif-does").textContent.includes("begin at 1"));
  assert.ok(await page.locator("#whatif-do").isDisabled(), "a reset needs the target's name");
  await page.locator("#whatif-typed").fill("EXCHANGE");
  await page.locator("#whatif-do").click();
  await until(page, "the reset is done", () => document.getElementById("whatif-said").textContent.includes("done"));
  await page.locator("#go-trade").click();
}

/** The message is shown, then sent, and the answer's time is said. */
export async function testRequestIsAnswered(page) {
  await page.locator("#go-sessions").click();
  await page.locator(".sessionaction[data-action=test-request]").click();
  await until(page, "the TestRequest as it would go out", () => [...document.querySelectorAll("#whatif-messages tr")].some((row) => row.children[0].textContent === "112" && row.children[2].textContent.startsWith("TEST-")));
  await page.locator("#whatif-do").click();
  await until(page, "its answer", () => /^Answered after [\d.]+ ms/.test(document.getElementById("whatif-said").textContent));
  await until(page, "the round trip stands with the session", () => /Round trip of a TestRequest\s*[\d.]+ ms/.test(document.getElementById("session-facts").textContent));
  await page.locator("#whatif-close").click();
  await page.locator("#go-trade").click();
}

export async function killSwitch(page) {
  await page.keyboard.press("Shift+Escape");
  await until(page, "it is armed", () => !document.getElementById("armed").hidden);
  await page.keyboard.press("Escape");
  await until(page, "it is disarmed", () => document.getElementById("armed").hidden);
  await page.keyboard.press("Shift+Escape");
  await page.keyboard.press("k");
  await until(page, "trading is stopped", () => !document.getElementById("halted").hidden);
  await page.locator("#ticket-qty").fill("12");
  await until(page, "the message of the ticket as it is now", () => [...document.querySelectorAll("#wire tr")].some((row) => row.children[0].textContent === "38" && row.children[2].textContent === "12"));
  const said = (await page.locator("#ticket").textContent()).match(/stopped|halt|refused/gi);
  assert.deepEqual(said, ["stopped", "refused"], "a halt is said once in the ticket, on its button");
  await page.locator("#resume").click();
  await page.locator("#resume").click();
  await until(page, "trading goes on", () => document.getElementById("halted").hidden);
}

/** Both messages of the order that was filled, then a pasted log of FIX 4.2. */
export async function inspectorDecodes(page) {
  await page.locator("#orders .tr", { hasText: "Filled" }).first().click();
  await page.keyboard.press("i");
  await until(page, "what was sent and what came of the order", () => [".card .name"].every(() => {
    const names = [...document.querySelectorAll(".card:not([hidden]) .name")].map((one) => one.textContent);
    return names.includes("NewOrderSingle") && names.includes("ExecutionReport");
  }));
  for (const name of ["NewOrderSingle", "ExecutionReport"]) {
    await page.locator(".card:visible", { hasText: name }).first().click();
    await until(page, `${name} is decoded`, (wanted) => document.getElementById("decoded-title").textContent.startsWith(wanted) && document.getElementById("decoded-body").textContent.includes("ClOrdID"), name);
  }
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill("12:00:01 < 8=FIX.4.2|9=49|35=0|49=OLD|56=NEW|34=7|52=20260114-12:00:01|10=000|\n");
  await page.locator("#paste-do").click();
  await until(page, "the heartbeat of FIX 4.2", () => document.getElementById("decoded-title").textContent.startsWith("Heartbeat") && document.getElementById("decoded-body").textContent.includes("FIX.4.2"));
  await groupsAndFindings(page);
  await page.locator("#go-trade").click();
}

/** Lists of orders of FIX 4.2: one that is right, as a tree, and one with what a session would refuse, at its tag. */
async function groupsAndFindings(page) {
  const list = (side) => right("FIX.4.2", `35=E|49=A|56=B|34=2|52=20260114-12:00:01|66=L|394=1|68=1|73=1|11=X|67=1|78=1|79=ACC|80=5|55=IBM|54=${side}|38=5|`).replaceAll("\u0001", "|");
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill(`IN ${list("1")}\nIN ${list("Z")}\n`);
  await page.locator("#paste-do").click();
  await until(page, "the list is a tree", () => {
    const body = document.getElementById("decoded-body");
    return document.getElementById("decoded-title").textContent.startsWith("NewOrderList") && body.querySelector(".group1")?.textContent.includes("1. ClOrdID") && body.querySelector(".group2")?.textContent.includes("1. AllocAccount");
  });
  assert.equal(await page.locator("#decoded-findings").textContent(), "");
  await page.keyboard.press("j");
  await until(page, "the finding stands at Side", () => document.querySelector("#decoded-body .finding")?.textContent.includes("373=5") && document.querySelector("#decoded-body .finding").previousElementSibling.textContent.includes("Side"));
}
