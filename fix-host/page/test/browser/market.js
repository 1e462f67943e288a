// A counterparty's book and trades, as a desk that subscribes to them shows them; how long it takes to answer; and of several
// sessions the messages of one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openDesk } from "./desk.js";
import { freePort, kill, post, start } from "./engine.js";
import { shows, until } from "./flow.js";

const acceptor = (port, target) => `[SESSION]\nBeginString=FIX.4.4\nConnectionType=acceptor\nSenderCompID=EXCHANGE\nTargetCompID=${target}\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort=${port}\n`;
const DESK = ["SenderCompID=TRADEDESK", "TargetCompID=EXCHANGE", "ResetOnLogon=Y", "MarketData=subscribe", "MarketDepth=0", "RoundTripInterval=1"];
const OTHER = ["SenderCompID=OTHER", "TargetCompID=EXCHANGE", "ResetOnLogon=Y", "MarketData=none"];

/** The ladder from the highest ask down, as { side, price, size, mine }. */
const ladder = () => [...document.querySelectorAll("#depth .level:not(.middle, .none)")].map((row) => {
  const [bid, price, ask, mine] = [...row.children].map((cell) => cell.textContent);
  return { side: row.classList.contains("ask") ? "ask" : "bid", price, size: bid || ask, mine };
});

async function subscribed(page, origin, exchange) {
  await until(page, "a ladder of both sides", () => document.querySelectorAll("#depth .level.bid:not(.none)").length > 1 && document.querySelectorAll("#depth .level.ask:not(.none)").length > 1);
  await page.locator("#prices .tr", { hasText: "30Y" }).click();
  await until(page, "that of 30Y", () => document.getElementById("depth-of").textContent === "30Y" && document.querySelector("#depth .level.bid:not(.none) .price")?.textContent.startsWith("95."));
  const rows = await page.evaluate(ladder);
  const prices = rows.map(({ price }) => Number(price));
  assert.deepEqual(prices, [...prices].sort((a, b) => b - a), "the best prices meet");
  assert.deepEqual(rows.map(({ side }) => side), [...rows].map(({ side }) => side).sort(), "asks above bids");

  const book = await (await fetch(`${origin}/api/market/30Y`)).json();
  assert.equal((await post(origin, "/api/orders", { clOrdID: "REST-1", symbol: "30Y", side: "BUY", qty: 7, ordType: "LIMIT", price: book.bids[2].price })).status, 202);
  await until(page, "an order of ours in it", () => [...document.querySelectorAll("#depth .level.bid .mine")].some((cell) => cell.textContent === "7"));
  assert.equal((await post(origin, "/api/orders", { clOrdID: "NOW-1", symbol: "30Y", side: "BUY", qty: 3, ordType: "MARKET" })).status, 202);
  await until(page, "the trade, once, as ours", () => {
    const prints = [...document.querySelectorAll("#tape .print")].filter((row) => row.querySelector(".qty").textContent === "3");
    return prints.length === 1 && prints[0].classList.contains("mine");
  });

  // On a phone it lies below the orders: it is followed while it can be seen.
  await page.setViewportSize({ width: 390, height: 844 });
  const isFollowed = async () => (await import("/assets/js/store.js")).state.places.has("depth");
  await until(page, "it is let go", async () => !(await import("/assets/js/store.js")).state.places.has("depth"));
  await page.locator("#tape").scrollIntoViewIfNeeded();
  await until(page, "it is followed again", isFollowed);
  await until(page, "and shown", () => document.querySelector("#depth .level.bid:not(.none)")?.checkVisibility());
  await page.setViewportSize({ width: 1440, height: 900 });

  await shows(page, "sessions");
  const fact = (session, words) => until(page, `${session}: ${words}`, ([wanted]) => [...document.querySelectorAll("#session-facts tr")].some((row) => row.children[0].textContent === "Round trip" && new RegExp(wanted).test(row.children[1].textContent)), [words]);
  await page.locator("#sessions-table .tr", { hasText: "TRADEDESK" }).click();
  await fact("TRADEDESK", "^[\\d.]+ ms .* measured each 1 s$");
  await page.locator("#sessions-table .tr", { hasText: "OTHER" }).click();
  await fact("OTHER", "^not measured; RoundTripInterval=10");

  await shows(page, "trade");
  await kill(exchange);
  await until(page, "it is marked as old", () => /^STALE since /.test(document.querySelector("#depth .middle")?.textContent) && document.getElementById("depth").classList.contains("stale"));
  await until(page, "the ticket promises nothing by an old price", () => /by a price that is .* old/.test(document.getElementById("ticket-checks").textContent) && document.querySelector(".sides").textContent.includes("old ask") && document.getElementById("legend-time").textContent === "old");
  const before = await page.locator("#ticket-price").inputValue();
  await page.locator("#depth .level.ask:not(.none)").first().click();
  assert.equal(await page.locator("#ticket-price").inputValue(), before, "what may not hold is no price to trade at");
}

async function oneOfSeveral(page) {
  await shows(page, "inspector");
  // Prices come all the time: what else is said stays in view without them.
  const types = () => page.evaluate(() => [...new Set([...document.querySelectorAll(".messagerows .card:not([hidden]) .kind")].map((one) => one.textContent))]);
  await until(page, "the question for prices", () => [...document.querySelectorAll(".messagerows .card:not([hidden]) .kind")].some((one) => one.textContent === "V"));
  assert.deepEqual((await types()).filter((type) => ["W", "X"].includes(type)), []);
  await page.locator("#inspect-prices").click();
  await until(page, "prices", () => [...document.querySelectorAll(".messagerows .card:not([hidden]) .kind")].some((one) => ["W", "X"].includes(one.textContent)));
  await page.locator("#inspect-prices").click();
  const select = page.locator("#inspect-session");
  await until(page, "both sessions", () => document.querySelectorAll("#inspect-session option").length === 3);
  await select.selectOption({ label: "OTHER \u2192 EXCHANGE" });
  await until(page, "its Logons alone", () => [...document.querySelectorAll(".messagerows .card:not([hidden]) .name")].map((one) => one.textContent).join() === "Logon,Logon");
  await select.selectOption("");
  const message = (from, to, number) => `8=FIX.4.4|9=5|35=0|49=${from}|56=${to}|34=${number}|52=20260114-12:00:0${number}|10=000|`;
  await page.locator("button", { hasText: "Paste or drop a log" }).click();
  await page.locator("#paste-text").fill([message("A", "B", 1), message("C", "B", 2), message("B", "C", 3), message("B", "A", 4)].join("\n"));
  await page.locator("#paste-do").click();
  await until(page, "who talks", () => [...document.querySelectorAll("#inspect-session option")].map((one) => one.textContent).join() === "All sessions,A \u2194 B (2),C \u2194 B (2)");
  await select.selectOption({ label: "C \u2194 B (2)" });
  await until(page, "those two alone, in lanes of theirs", () => {
    const heads = [...document.querySelectorAll(".messagerows .th")].map((one) => one.textContent);
    return document.getElementById("inspect-count").textContent === "2 of 4" && heads.includes("C sent") && heads.includes("B sent");
  });
  await select.selectOption("");
  await until(page, "all", () => document.getElementById("inspect-count").textContent === "4 of 4");
}

export async function marketOfACounterparty(program, browser, step) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const port = await freePort();
  const config = path.join(folder, "exchange.cfg");
  writeFileSync(config, acceptor(port, "TRADEDESK") + acceptor(port, "OTHER"));
  const http = await freePort();
  const exchange = await start(program, ["exchange", "--config", config, "--http", `127.0.0.1:${http}`], `http://127.0.0.1:${http}/healthz`);
  const desk = await openDesk(program, browser, { fix: port, sessions: () => [DESK, OTHER] });
  const { page, origin } = desk;
  await step("of several sessions the messages of one are shown, of the engine and of a log", page, async () => {
    await page.goto(`${origin}/`);
    await oneOfSeveral(page);
  });
  await step("a counterparty's book and trades are shown, and marked when they may not hold; the round trip is measured", page, async () => {
    await shows(page, "trade");
    await subscribed(page, origin, exchange);
  });
  await desk.close();
  rmSync(folder, { recursive: true, force: true });
}
