// node run.js PROGRAM FOLDER: plays the page of PROGRAM in a browser; screenshots go to FOLDER.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { launch, open, tolerance, wrong } from "./browser.js";
import { headsFit, nothingIsCut } from "./cut.js";
import { freePort, kill, start } from "./engine.js";
import * as flow from "./flow.js";
import { allIsReachedByKeyboard, viewsHaveKeys } from "./keyboard.js";
import { largeLog } from "./large.js";
import { comesBackToWhereItWas } from "./link.js";
import { logsIn } from "./login.js";
import { marketOfACounterparty } from "./market.js";
import { namesStayText } from "./names.js";
import { rowsFitNarrowScreens, whatIsChosenIsWhole } from "./phone.js";
import * as questions from "./questions.js";
import { overRedis } from "./redis.js";
import { restart } from "./restart.js";
import { scheduleAndLastWords } from "./schedule.js";
import { changedLogIsSaid, diffSaysWhatDiffers, searchFinds } from "./search.js";
import * as shown from "./shown.js";
import { statesHaveWords } from "./states.js";
import { csvIsOnlyData, templatesAreKept } from "./ticket.js";
import * as told from "./told.js";
import * as venue from "./venue.js";

const [program, folder] = process.argv.slice(2);
const LARGE_MB = 30;
const VIEWS = ["trade", "sessions", "inspector", "exchange", "health"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const failed = [];

async function step(name, page, run) {
  const begin = Date.now();
  const before = browser.contexts();
  try {
    await run();
    assert.deepEqual(wrong, [], "the browser complained");
    console.log(`ok      ${name} (${Date.now() - begin} ms)`);
  } catch (problem) {
    failed.push(`${name}: ${problem.message.split("\n")[0]}`);
    wrong.length = 0;
    console.log(`FAILED  ${name}: ${problem.stack}`);
    await page?.screenshot({ path: path.join(folder, `failed-${failed.length}.png`) }).catch(() => {});
    // Pages that it left open would complain while the steps after it run.
    tolerance.isDown = false;
    for (const context of browser.contexts()) if (!before.includes(context)) await context.close();
  }
}

async function demo(browser) {
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const args = ["demo", "--api-port", String(api), "--fix-port", String(fix)];
  const engine = await start(program, args, `${origin}/readyz`);
  const { page, context } = await open(browser, origin);
  const { paths } = await (await fetch(`${origin}/openapi.json`)).json();
  await step("the page loads", page, () => flow.loads(page, origin, Boolean(paths["/api/about"])));
  await step("prices move", page, () => flow.pricesMove(page));
  await step("a market order from the keyboard is filled in its row", page, () => flow.marketOrderFills(page));
  await step("what is not looked at is not painted", page, () => shown.onlyTheViewIsPainted(page));
  await step("the number on the wire goes on", page, () => shown.theNumberGoesOn(page, origin));
  await step("a resting order is replaced, then canceled from its row", page, () => flow.limitIsReplacedAndCanceled(page));
  if (paths["/api/messages"]) await step("the inspector decodes both, and a log of another version", page, () => flow.inspectorDecodes(page));
  else console.log("SKIP    the inspector: this engine tells no messages yet");
  await step("the inspector finds by order, tag, expression and words", page, () => searchFinds(page, origin));
  await step("a log that has changed since it was opened is not searched", page, () => changedLogIsSaid(page));
  await step("two messages are compared", page, () => diffSaysWhatDiffers(page));
  await step("a session is reset, with its preview", page, () => flow.resetHasAPreview(page));
  await step("a TestRequest is answered", page, () => flow.testRequestIsAnswered(page));
  await step("an order is filled and canceled by the hand of the exchange", page, () => venue.exchangeByHand(page, origin));
  await step("an order is stopped, suspended and resumed from the menu of its row", page, () => venue.rowMenu(page, origin));
  await step("what waits at the exchange is said until it is decided", page, () => venue.waitingIsSaid(page, origin));
  await step("instruments go through the phases, and the day is closed and calculated", page, () => venue.phasesAndTheDay(page));
  await step("the ticket's question stands until the order is another", page, () => questions.ticketKeepsItsQuestion(page));
  await step("a cancel is asked of its order alone", page, () => questions.cancelIsAskedOfItsOrder(page, origin));
  await step("rows stand in the page as they are seen", page, () => shown.rowsStandInOrder(page, origin));
  await step("a key asks too, where its row is out of view", page, () => questions.keysAsk(page, origin));
  await step("a ticket is kept as a template", page, () => templatesAreKept(page, origin));
  await step("tables are data alone as CSV", page, () => csvIsOnlyData(page, origin));
  await step("the kill switch", page, () => flow.killSwitch(page));
  await step("a page that was let go comes back to where it was", page, () => comesBackToWhereItWas(browser, origin));
  const other = await open(browser, origin);
  await step("another topic leaves those that are there as they are", other.page, () => questions.topicsGoOn(other.page, origin));
  await step("a kill that fails is said", other.page, () => questions.failedKillIsSaid(other.page, origin));
  await other.context.close();
  await step("each view has its key", page, () => viewsHaveKeys(page, VIEWS));
  for (const view of VIEWS) await step(`${view}: all is reached by keyboard`, page, () => allIsReachedByKeyboard(page, view));
  await pictures(browser, origin);
  await step("text of others is shown as it is", page, () => told.textIsWhatItIs(page));
  await step("a click on a price fills the ticket", page, () => told.clickedPricesFillTheTicket(page));
  await step("what is chosen on a phone is whole", page, () => whatIsChosenIsWhole(browser, origin, open));
  await step("rows fit narrow screens", page, () => rowsFitNarrowScreens(browser, origin, open));
  await step("the ticket has the price of the button that opens it", page, () => told.ticketHasThePriceOfTheButton(browser, origin, open));
  await step("what was done to a session is not offered as before", page, () => told.whatIfIsRenewed(page));
  await step("payloads stay text", page, () => flow.payloadsStayText(page, origin));
  await context.close();
  await kill(engine);
}

/** Each view, dark and light, wide and on a phone: a picture, and what axe-core finds. */
async function pictures(browser, origin) {
  for (const [name, viewport] of [["desktop", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
    for (const colorScheme of ["dark", "light"]) {
      const { page, context } = await open(browser, origin, { viewport, colorScheme, reducedMotion: "reduce" });
      await page.goto(`${origin}/`);
      await flow.until(page, "prices", () => document.querySelectorAll("#prices .tr").length === 10);
      for (const view of VIEWS) {
        await step(`${view}, ${name}, ${colorScheme}: nothing serious for axe-core, nothing wider than the screen`, page, async () => {
          await flow.shows(page, view);
          await page.screenshot({ path: path.join(folder, `${view}-${name}-${colorScheme}.png`) });
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
          await headsFit(page);
          await nothingMoves(page, view);
          if (name === "desktop") await nothingIsCut(page);
          await page.evaluate(axe);
          const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ["violations"] })).violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map((node) => `${node.target} ${node.any[0]?.message ?? node.failureSummary ?? ""}`).join(" | ")}`));
          assert.deepEqual(found, []);
        });
      }
      await context.close();
    }
  }
}

/** Who wants less motion: a price that came is marked, and nothing on the page moves for it. */
async function nothingMoves(page, view) {
  if (view === "trade") await flow.until(page, "a price that came", () => document.querySelector("#prices .flash") !== null);
  assert.deepEqual(await page.evaluate(() => document.getAnimations().map(({ animationName }) => animationName)), []);
}

/** The page of an exchange without an engine. */
async function alone(browser) {
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const scratch = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const config = path.join(scratch, "exchange.cfg");
  writeFileSync(config, `[SESSION]\nBeginString=FIX.4.4\nConnectionType=acceptor\nSenderCompID=EXCHANGE\nTargetCompID=TRADEDESK\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort=${fix}\n`);
  const exchange = await start(program, ["exchange", "--config", config, "--http", `127.0.0.1:${api}`], `${origin}/healthz`);
  const { page, context } = await open(browser, origin);
  await step("an exchange alone shows no Trade", page, () => shown.exchangeAlone(page, origin));
  await context.close();
  await kill(exchange);
  rmSync(scratch, { recursive: true, force: true });
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
await demo(browser);
await restart(program, browser, step);
await overRedis(program, browser, step);
await statesHaveWords(program, browser, step);
await scheduleAndLastWords(program, browser, step);
await marketOfACounterparty(program, browser, step);
await step(`a log of ${LARGE_MB} MB is read, scrolled and searched without the engine`, null, async () => {
  const { longestPause, grownBy } = await largeLog(program, LARGE_MB);
  // Of a busy machine: what is measured on a quiet one is measured by --figures.
  assert.ok(longestPause < 2000, `the page did not answer for ${longestPause} ms`);
  assert.ok(grownBy < 400, `the browser has grown by ${grownBy} MB`);
});
await logsIn(program, browser, step);
await alone(browser);
await namesStayText(program, browser, step);
await browser.close();
if (failed.length) console.log(`${failed.length} failed, pictures are in ${folder}:\n${failed.join("\n")}`);
process.exit(failed.length ? 1 : 0);
