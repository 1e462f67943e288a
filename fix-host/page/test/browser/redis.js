// The page of an engine whose mailbox is Redis, and what comes in and goes out there.

import assert from "node:assert/strict";
import net from "node:net";
import { open } from "./browser.js";
import { freePort, kill, start } from "./engine.js";
import * as flow from "./flow.js";
import { restart } from "./restart.js";

/** A redis-server of its own; null where there is none, which is said, and a failure in CI. */
async function server() {
  const port = await freePort();
  const child = await start("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""]).catch(() => null);
  if (child === null) {
    if (process.env.CI === "true") throw new Error("CI must install redis-server");
    console.log("SKIP    the page over Redis: there is no redis-server (apt-get install redis-server)");
    return null;
  }
  const until = Date.now() + 20_000;
  while (!(await say(port, "PING").catch(() => ""))?.startsWith("+PONG")) {
    if (Date.now() > until) throw new Error(`redis-server does not answer:\n${child.said()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return { child, port };
}

/** One command, and what Redis says to it. */
function say(port, ...words) {
  return new Promise((done, fail) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("error", fail);
    socket.once("data", (data) => {
      socket.destroy();
      done(String(data));
    });
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`);
  });
}

export async function overRedis(program, browser, step) {
  const redis = await server();
  if (redis === null) return;
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const args = ["demo", "--redis-url", `redis://127.0.0.1:${redis.port}/`, "--api-port", String(api), "--fix-port", String(fix)];
  const engine = await start(program, args, `${origin}/readyz`);
  const { page, context } = await open(browser, origin);
  const over = (name, run) => step(`over Redis: ${name}`, page, run);
  await over("the page loads and says so", async () => {
    await flow.loads(page, origin, true);
    assert.equal((await (await fetch(`${origin}/api/about`)).json()).mailbox, "redis");
  });
  await over("prices move", () => flow.pricesMove(page));
  await over("a market order from the keyboard is filled in its row", () => flow.marketOrderFills(page));
  await over("a resting order is replaced, then canceled from its row", () => flow.limitIsReplacedAndCanceled(page));
  await over("the inspector decodes both, and a log of another version", () => flow.inspectorDecodes(page));
  await over("a session is reset, with its preview", () => flow.resetHasAPreview(page));
  await over("a TestRequest is answered", () => flow.testRequestIsAnswered(page));
  await over("an order that another program puts into Redis is a row too, and its reports are in both", async () => {
    const order = { clOrdID: "BY-REDIS", symbol: "5Y", side: "BUY", qty: 3, ordType: "MARKET" };
    await say(redis.port, "LPUSH", "outgoing_orders", JSON.stringify(order));
    await flow.until(page, "it is filled", () => [...document.querySelectorAll("#orders .tr")].some((row) => row.textContent.includes("5Y") && row.textContent.includes("Filled")));
    const reports = await say(redis.port, "LRANGE", "execution_reports", "0", "0");
    assert.match(reports, /"clOrdID":"BY-REDIS".*"ordStatus":"2"/);
  });
  await over("a halt in Redis shows, and the kill switch goes on and off", async () => {
    await say(redis.port, "SET", "fix_halt", "lunch");
    await flow.until(page, "the halt", () => !document.getElementById("halted").hidden && document.getElementById("halted").textContent.includes("lunch"));
    await say(redis.port, "DEL", "fix_halt");
    await flow.until(page, "its end", () => document.getElementById("halted").hidden);
    await flow.killSwitch(page);
  });
  await over("Redis goes away: Health says so, and orders of the page are still filled", async () => {
    await flow.shows(page, "health");
    const says = (words) => [...document.querySelectorAll("#parts tr")].some((row) => row.textContent.includes("Redis") && words.some((one) => row.textContent.includes(one)));
    await flow.until(page, "it is connected", says, ["connected"]);
    await kill(redis.child);
    await flow.until(page, "it is away", says, ["no link"], 15_000);
    await page.locator("#go-trade").click();
    await flow.pricesMove(page);
    await flow.limitIsReplacedAndCanceled(page);
  });
  await context.close();
  await kill(engine);
  await restartOverRedis(program, browser, step);
}

/** Redis stays, with the orders coming in there, while the engine is killed. */
async function restartOverRedis(program, browser, step) {
  const redis = await server();
  await restart(program, browser, (name, page, run) => step(`over Redis: ${name}`, page, run), {
    args: ["--redis-url", `redis://127.0.0.1:${redis.port}/`],
    send: (_, order) => say(redis.port, "LPUSH", "outgoing_orders", JSON.stringify(order)),
  });
  await kill(redis.child);
}
