// A page whose stream ends or falls silent, as that of a page which took nothing for too long: it comes back by itself, to where it was.

import assert from "node:assert/strict";
import { open } from "./browser.js";
import { post } from "./engine.js";
import { until } from "./flow.js";

const isLive = (page) => until(page, "the stream is live", () => document.getElementById("status-words").textContent === "stream live", null, 20_000);
const isLost = (page) => until(page, "the link is lost", () => document.getElementById("status-words").textContent === "no connection");
const hasRow = (page, id) => until(page, `the row of ${id}`, (wanted) => [...document.querySelectorAll("#orders .tr")].some((row) => row.textContent.includes(wanted)), id);

export async function comesBackToWhereItWas(browser, origin) {
  const { page, context } = await open(browser, origin);
  const [links, wishes, snaps] = [[], [], []];
  let isSilent = false;
  await page.routeWebSocket(/\/api\/stream$/, (link) => {
    const engine = link.connectToServer();
    links.push(link);
    link.onMessage((text) => {
      wishes.push(JSON.parse(text));
      engine.send(text);
    });
    engine.onMessage((text) => {
      if (JSON.parse(text).t === "snap") snaps.push(JSON.parse(text).topic);
      if (!isSilent) link.send(text);
    });
  });
  const order = (clOrdID) => post(origin, "/api/orders", { clOrdID, symbol: "10Y", side: "BUY", qty: 1, ordType: "LIMIT", price: 47 });
  await page.clock.install();
  await page.goto(`${origin}/`);
  await isLive(page);
  await until(page, "the last topic", async () => (await import("/assets/js/store.js")).state.places.has("health"));
  const before = snaps.length;
  // The engine lets it go.
  await links[0].close({ code: 1001, reason: "took nothing" });
  await order("AWAY-1");
  await isLive(page);
  await hasRow(page, "AWAY-1");
  assert.equal(wishes.length, 2, "asked once more");
  assert.ok(wishes[1].since.seq > 0 && wishes[1].since.topics.length === wishes[1].topics.length, JSON.stringify(wishes[1]));
  assert.equal(snaps.length, before, "nothing is told whole again");
  // The link stands, and nothing comes: after three seconds it is taken for lost, and made anew.
  isSilent = true;
  await page.clock.fastForward(4000);
  await isLost(page);
  await order("AWAY-2");
  isSilent = false;
  await isLive(page);
  await hasRow(page, "AWAY-2");
  assert.equal(snaps.length, before);
  for (const id of ["AWAY-1", "AWAY-2"]) await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: id, clOrdID: `${id}C` });
  await context.close();
}
