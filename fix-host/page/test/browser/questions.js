// What is asked twice is done to what the question named, and what failed is said.

import assert from "node:assert/strict";
import { post } from "./engine.js";
import { painted, shows, until } from "./flow.js";

const isAsking = () => document.getElementById("ticket-send").classList.contains("asking");

/** Tells the page that a topic changed, as the stream does. */
const changed = (page, topic) => page.evaluate(async (name) => (await import("/assets/js/store.js")).changed(name), topic);

/** A question of the ticket stands while sessions and prices go on, and not behind another draft. */
export async function ticketKeepsItsQuestion(page) {
  await page.locator("#ticket-confirm").check();
  await page.locator("#ticket-form [data-value=LIMIT]").click();
  await page.locator("#ticket-price").fill("71");
  await until(page, "the ticket can be sent", () => !document.getElementById("ticket-send").disabled);
  await painted(page);
  await page.locator("#ticket-price").press("Enter");
  assert.ok(await page.evaluate(isAsking), "a second press is asked for");
  for (const topic of ["sessions", "halts", "about", "prices"]) {
    await changed(page, topic);
    await painted(page);
    assert.ok(await page.evaluate(isAsking), `${topic} took the question away`);
  }
  await page.locator("#ticket-price").fill("72");
  await painted(page);
  assert.ok(!await page.evaluate(isAsking), "another order is asked about anew");
  await page.locator("#ticket-confirm").uncheck();
}

/** A row that takes the element of one that went has none of its questions. */
export async function cancelIsAskedOfItsOrder(page, origin) {
  const order = (clOrdID) => post(origin, "/api/orders", { clOrdID, symbol: "10Y", side: "BUY", qty: 3, ordType: "LIMIT", price: 51 });
  const shows = (id) => [...document.querySelectorAll("#orders .tr")].some((row) => row.textContent.includes(id));
  await page.locator("#ticket-confirm").check();
  await page.locator("#orders-which [data-value=working]").click();
  await order("ASK-A");
  await until(page, "the order to be asked about", shows, "ASK-A");
  const row = page.locator("#orders .tr", { hasText: "ASK-A" });
  await row.hover();
  await row.locator(".do-cancel").click();
  await until(page, "the question", () => document.querySelector("#orders .asking") !== null);
  await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: "ASK-A", clOrdID: "ASK-A2" });
  await until(page, "it is gone", () => ![...document.querySelectorAll("#orders .tr")].some((one) => one.textContent.includes("ASK-A")));
  await order("ASK-B");
  await until(page, "the other order", shows, "ASK-B");
  assert.equal(await page.locator("#orders .asking").count(), 0, "the other order's button asks already");
  await page.locator("#orders .tr", { hasText: "ASK-B" }).click();
  await page.keyboard.press("x");
  await page.keyboard.press("x");
  await until(page, "it is canceled by two presses", () => ![...document.querySelectorAll("#orders .tr")].some((one) => one.textContent.includes("ASK-B")));
  await page.locator("#orders-which [data-value=all]").click();
  await page.locator("#ticket-confirm").uncheck();
}

/** The key of a cancel asks like the button; an order that cannot be seen is shown first, and none is canceled unseen. */
export async function keysAsk(page, origin) {
  for (let number = 10; number < 50; number += 1) await post(origin, "/api/orders", { clOrdID: `MANY-${number}`, symbol: "10Y", side: "BUY", qty: 1, ordType: "LIMIT", price: 50 });
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/api/cancels") && asked.push(request));
  await page.locator("#ticket-confirm").check();
  await page.locator("#orders-filter").fill("MANY state:working");
  await until(page, "the newest of many orders", () => document.getElementById("orders").textContent.includes("MANY-49"));
  await page.locator("#orders .tr", { hasText: "MANY-49" }).click();
  await page.locator("#tab-executions").click();
  for (const key of ["x", "x"]) await page.keyboard.press(key);
  await painted(page);
  assert.deepEqual(asked.length, 0, "what is not shown is not canceled");
  await page.locator("#tab-orders").click();
  await page.evaluate(() => (document.querySelector("#orders .scroller").scrollTop = 1e6));
  await until(page, "it is scrolled away", () => !document.getElementById("orders").textContent.includes("MANY-49"));
  await page.keyboard.press("x");
  await until(page, "its row asks", () => document.querySelector("#orders .asking")?.closest(".tr").textContent.includes("MANY-49"));
  assert.deepEqual(asked.length, 0);
  await page.keyboard.press("x");
  await until(page, "it is canceled", () => !document.getElementById("orders").textContent.includes("MANY-49"));
  assert.equal(asked.length, 1);
  await page.locator("#orders-filter").fill("");
  await page.locator("#ticket-confirm").uncheck();
  for (const question of [true, false]) {
    await page.locator("#cancel-all").click();
    await until(page, "the question of all", (isAsked) => document.getElementById("cancel-all").classList.contains("asking") === isAsked, question);
  }
  await until(page, "nothing works", () => document.getElementById("cancel-all").disabled);
}

/** The inspector asks for messages; what the page has of the other topics is not told whole again. */
export async function topicsGoOn(page, origin) {
  const [wishes, snaps] = [[], []];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => wishes.push(JSON.parse(payload)));
    socket.on("framereceived", ({ payload }) => {
      const frame = JSON.parse(payload);
      if (frame.t === "snap") snaps.push(frame.topic);
    });
  });
  await page.goto(`${origin}/`);
  await until(page, "the health, whose snap is the last", async () => (await import("/assets/js/store.js")).state.places.has("health"));
  // What the page has had already is told here a little later.
  while (snaps.length < 5) await painted(page);
  const before = snaps.length;
  await shows(page, "inspector");
  await until(page, "the messages", async () => (await import("/assets/js/store.js")).state.places.has("messages"));
  assert.deepEqual(snaps.slice(before), ["messages"]);
  assert.deepEqual(wishes.map(({ since }) => since?.topics.length), [undefined, 5]);
}

/** A kill switch whose request fails late says so, is armed for five seconds more, and then no longer. */
export async function failedKillIsSaid(page, origin) {
  await page.clock.install();
  await page.goto(`${origin}/`);
  await until(page, "the stream is live", () => document.getElementById("status-words").textContent === "stream live");
  const held = [];
  await page.route("**/api/halt", (route) => (route.request().method() === "POST" ? held.push(route) : route.continue()));
  const fires = async () => {
    const before = held.length;
    await page.keyboard.press("K");
    await page.clock.runFor(1000);
    return held.length > before;
  };
  const fails = async (words) => {
    await held.at(-1).fulfill({ status: 503, json: { error: words } });
    await until(page, words, (wanted) => document.getElementById("armed").checkVisibility() && document.getElementById("armed-words").textContent === `It was not stopped: ${wanted}`, words);
  };
  await page.keyboard.press("Shift+Escape");
  assert.ok(await fires(), "the first K fires");
  assert.ok(await page.locator("#armed").isVisible(), "it stands until there is an answer");
  assert.ok(!await fires(), "it fires once until there is an answer");
  await fails("try again");
  assert.ok(await fires(), "it is armed again");
  await fails("and again");
  await page.clock.runFor(6000);
  assert.ok(await page.locator("#armed").isVisible(), "what went wrong can still be read");
  assert.ok(await page.locator("#fire").isDisabled());
  assert.ok(!await fires(), "nothing is armed any longer");
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#armed").isHidden());
}
