// What the page says where there is nothing, not yet something, or where a request fails.

import assert from "node:assert/strict";
import { open, tolerance } from "./browser.js";
import { openDesk } from "./desk.js";
import { shows, until } from "./flow.js";

export async function statesHaveWords(program, browser, step) {
  const desk = await openDesk(program, browser);
  const { page, origin } = desk;
  await step("before the engine has said anything the page says that it asks", page, () => asking(browser, origin));
  await step("where there is nothing the page says what would be there, and how to get it", page, () => nothing(page, origin));
  await step("who only looks is offered nothing to send", page, () => looking(browser, origin));
  await step("a request that fails is said where it was made, in the engine's words", page, () => failures(page, origin));
  await desk.close();
}

const has = ([id, words]) => document.getElementById(id).checkVisibility() && document.getElementById(id).textContent.includes(words);
const says = (page, id, words) => until(page, `${id} says: ${words}`, has, [id, words]);

/** The stream is held before its first word. */
async function asking(browser, origin) {
  const { page, context } = await open(browser, origin);
  await page.routeWebSocket(/\/api\/stream$/, () => {});
  await page.goto(`${origin}/`);
  await says(page, "orders", "Asking the engine for its orders\u2026");
  assert.ok(await page.locator("#ticket-send").isDisabled());
  await page.locator("#go-sessions").click();
  await until(page, "the sessions are asked for", () => document.getElementById("sessions-table")?.textContent.includes("Asking the engine for its sessions\u2026"));
  await page.locator("#go-inspector").click();
  await until(page, "the messages are asked for", () => document.getElementById("lanes")?.textContent.includes("Asking the engine for its messages\u2026"));
  assert.equal(await page.locator("#session-word").textContent(), "CONNECTING");
  await context.close();
}

/** An engine whose counterparty does not answer. */
async function nothing(page, origin) {
  await page.goto(`${origin}/`);
  await says(page, "orders", "No orders yet");
  assert.match(await page.locator("#orders code").textContent(), new RegExp(`^fix-host order --api ${origin} `));
  await page.locator("#tab-executions").click();
  await says(page, "executions", "No reports yet");
  await page.locator("#tab-orders").click();
  await says(page, "tape-nothing", "No trades yet");
  await says(page, "ticket-words", "Not logged on: nothing can be sent");
  await says(page, "session-word", "LOGGED OUT");
  await shows(page, "sessions");
  await until(page, "why", () => /NOT CONNECTED.*refused/i.test(document.getElementById("sessions-table").textContent));
  await shows(page, "inspector");
  await says(page, "lanes", "No messages yet");
  await page.locator("#inspect-source [data-value=stored]").click();
  await says(page, "lanes", "Nothing stored");
  await page.locator("#inspect-source [data-value=pasted]").click();
  await says(page, "lanes", "Nothing pasted yet");
  await page.locator("#inspect-source [data-value=live]").click();
  await page.locator("#go-exchange").click();
  await says(page, "view-exchange", "No exchange in this process");
  await shows(page, "health");
  await says(page, "health-report-note", "no order has been answered yet");
}

/** A viewer, as the engine tells who asks with that token. */
async function looking(browser, origin) {
  const { page, context } = await open(browser, origin);
  await page.route("**/api/about", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), readOnly: true } });
  });
  await page.goto(`${origin}/`);
  await says(page, "orders", "No orders yet");
  await until(page, "no way to send one is offered", () => !document.querySelector("#orders .empty button, #orders .empty code"));
  assert.ok(await page.locator("#kill").isDisabled());
  await context.close();
}

/** Answers of the engine that are no success: with words of its own, and without. */
async function failures(page, origin) {
  const fails = (path, status, body = "") => page.route(`**${path}*`, (route) => route.fulfill({ status, body, contentType: "application/json" }));
  // Chromium logs each of them.
  tolerance.isDown = true;
  await fails("/api/prices/history", 500, '{"error":"the history is being written"}');
  await fails("/api/about", 500);
  await fails("/api/preview", 500);
  await page.goto("about:blank");
  await page.goto(`${origin}/#trade`);
  await says(page, "chart-nothing", "Only since this page was opened: the history is being written");
  await page.locator("#ticket-price").fill("90");
  await says(page, "wire-nothing", "The engine answered 500.");
  await page.unroute("**/api/preview*");
  await fails("/api/preview", 403, '{"error":"viewers may not trade"}');
  await page.locator("#ticket-price").fill("91");
  await says(page, "wire-nothing", "viewers may not trade");
  await page.unroute("**/api/about*");
  await until(page, "what it could not say at first is asked for again", () => document.getElementById("status-version").textContent.startsWith("version "));
  await fails("/api/messages", 500, '{"error":"the disk is gone"}');
  await shows(page, "inspector");
  await page.locator("#inspect-source [data-value=stored]").click();
  await says(page, "lanes", "the disk is gone");
  await fails("/api/sessions/*/reset", 403, '{"error":"operators only"}');
  await shows(page, "sessions");
  await page.locator(".sessionaction[data-action=reset]").click();
  await page.locator("#whatif-typed").fill("EXCHANGE");
  await page.locator("#whatif-do").click();
  await says(page, "whatif-said", "operators only");
  await page.unrouteAll();
  tolerance.isDown = false;
}
