// A page that has to log in: who is logged out elsewhere, or by a restart, is led to where he can log in again.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { open, tolerance } from "./browser.js";
import { freePort, kill, start } from "./engine.js";
import * as flow from "./flow.js";

const TOKEN = "0123456789abcdef-trader";

async function logIn(page) {
  await page.locator("input").first().fill(TOKEN);
  await page.keyboard.press("Enter");
  // Not only its HTML: what it runs is loaded from the engine, too, which may be killed next.
  await flow.until(page, "the stream is live", () => document.getElementById("status-words")?.textContent === "stream live");
}

const isAtLogin = (page) => flow.until(page, "the log-in", () => location.pathname === "/login", null, 20_000);

export async function logsIn(program, browser, step) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const config = path.join(scratch, "desk.cfg");
  writeFileSync(config, `[SESSION]\nBeginString=FIX.4.4\nConnectionType=initiator\nSenderCompID=TRADEDESK\nTargetCompID=EXCHANGE\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\nSocketConnectPort=${fix}\n`);
  const begin = () => start(program, ["start", "--fix-config", config, "--api", `127.0.0.1:${api}`], `${origin}/healthz`, { FIX_HOST_API_TOKEN: TOKEN });
  let engine = await begin();
  const { page, context } = await open(browser, origin);
  await step("a log-out ends the other tabs too", page, async () => {
    await page.goto(`${origin}/`);
    await isAtLogin(page);
    await logIn(page);
    const other = await context.newPage();
    await other.goto(`${origin}/`);
    const status = await other.evaluate(async () => (await fetch("/api/logout", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).status);
    assert.equal(status, 200);
    await other.close();
    await isAtLogin(page);
  });
  await step("an engine that does not know who logged out has all log in again", page, async () => {
    await logIn(page);
    tolerance.isDown = true;
    await kill(engine);
    engine = await begin();
    await isAtLogin(page);
    tolerance.isDown = false;
    await logIn(page);
  });
  await context.close();
  await kill(engine);
  rmSync(scratch, { recursive: true, force: true });
}
