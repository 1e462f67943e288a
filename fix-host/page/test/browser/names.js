// Sessions of any name: CompIDs that a page could take for something else than text.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { open } from "./browser.js";
import { freePort, kill, start } from "./engine.js";
import * as flow from "./flow.js";
import { PAYLOADS } from "./payloads.js";

export async function namesStayText(program, browser, step) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const config = path.join(scratch, "desk.cfg");
  const session = (name, place) => `[SESSION]\nSenderCompID=${name}\nTargetCompID=${name}\nSessionQualifier=Q${place}\n`;
  // A name is ASCII on a line of its file, where `$` begins a variable.
  const names = PAYLOADS.filter((payload) => !/[^\x00-\x7f]/.test(payload)).map((payload) => payload.replaceAll(/\s/g, " ").replaceAll("$", () => "$$"));
  writeFileSync(config, `[DEFAULT]\nBeginString=FIX.4.4\nConnectionType=initiator\nHeartBtInt=30\nSocketConnectHost=127.0.0.1\nSocketConnectPort=${fix}\n${names.map(session).join("")}`);
  const engine = await start(program, ["start", "--fix-config", config, "--api", `127.0.0.1:${api}`], `${origin}/healthz`);
  const { page, context } = await open(browser, origin, { viewport: { width: 1440, height: 2000 } });
  await step("CompIDs stay text", page, async () => {
    await page.addInitScript(() => { globalThis.boom = () => { globalThis.isBoom = true; }; });
    await page.goto(`${origin}/`);
    await flow.shows(page, "sessions");
    await flow.until(page, "the sessions", (count) => document.querySelector("#sessions-table .grid").getAttribute("aria-rowcount") === String(count + 1), names.length);
    for (let press = 0; press < names.length; press += 1) await page.keyboard.press("j");
    assert.ok((await page.locator("#session-name").textContent()).includes("boom()"));
    for (const action of ["logon", "reset"]) {
      const one = page.locator(`.sessionaction[data-action=${action}]`);
      if (await one.isVisible()) await one.click();
    }
    await flow.until(page, "the name to type", () => document.getElementById("whatif-type").textContent.includes("boom()"));
    for (const view of ["inspector", "health", "trade"]) await flow.shows(page, view);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("session boom");
    await flow.until(page, "they are found", () => document.getElementById("palette-list").textContent.includes("boom()"));
    assert.equal(await page.evaluate(() => globalThis.isBoom ?? false), false, "a name ran");
  });
  await context.close();
  await kill(engine);
  rmSync(scratch, { recursive: true, force: true });
}
