// A log of many megabytes in the inspector: all of it is within reach, without the engine, and the page stays of use meanwhile.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { right } from "../decoder-of.js";
import { launch, open, tolerance } from "./browser.js";
import { freePort, kill, start } from "./engine.js";
import { shows, until } from "./flow.js";
import { VERSIONS, writeLog } from "./logs.js";

const count = (number) => number.toLocaleString("en");

/**
 * Plays it with a log of so many megabytes, in a browser of its own. Gives the seconds that it took to read and to search, the longest
 * time for which the page did nothing else, in milliseconds, and the megabytes by which it and the browser have grown.
 */
export async function largeLog(program, megabytes) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const file = path.join(scratch, "large.log");
  const log = writeLog(file, megabytes);
  const browser = await launch();
  try {
    const page = await pageWithoutEngine(program, browser);
    const before = await peaks(browser);
    await watchPauses(page);
    const figures = { megabytes, messages: log.messages, readSeconds: await taken(() => drops(page, file, log)) };
    await everyRowIsReached(page, log);
    figures.searchSeconds = await searches(page, log);
    figures.longestPause = await page.evaluate(() => globalThis.longestPause);
    figures.grownBy = ((await peaks(browser)) - before) / 1e6;
    return figures;
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
    tolerance.isDown = false;
  }
}

/** The inspector of an engine that is gone, once it has brought the decoder and the dictionaries of all versions. */
async function pageWithoutEngine(program, browser) {
  const [api, fix] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${api}`;
  const demo = await start(program, ["demo", "--api-port", String(api), "--fix-port", String(fix)], `${origin}/readyz`);
  const { page } = await open(browser, origin);
  await page.goto(`${origin}/`);
  await shows(page, "inspector");
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill(VERSIONS.map((version) => right(version, `35=0|49=${version}|56=B|34=1|52=20260114-12:00:01|`).replaceAll("\u0001", "|")).join("\n"));
  await page.locator("#paste-do").click();
  for (const version of VERSIONS) {
    await until(page, `${version} is decoded`, (wanted) => document.getElementById("decoded-body").textContent.includes(wanted), version);
    await page.keyboard.press("j");
  }
  tolerance.isDown = true;
  await kill(demo);
  return page;
}

/** A file of the desktop, let go over the view: not over the box, which is closed. */
async function drops(page, file, log) {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await devtools.send("Input.dispatchDragEvent", { type, x: 400, y: 400, data });
  await until(page, "it says how far it has read", () => /^Reading: /.test(document.getElementById("paste-said").textContent));
  await until(page, `${count(log.messages)} messages are found`, (all) => document.getElementById("inspect-count").textContent === `${all} of ${all}`, count(log.messages), 120_000);
}

const isWhole = ([tag, number]) => {
  const { top, bottom } = document.querySelector(".messagerows .scroller").getBoundingClientRect();
  const seen = [...document.querySelectorAll(".messagerows .tr")].filter((row) => row.getBoundingClientRect().bottom > top + 1 && row.getBoundingClientRect().top < bottom - 1);
  const isDecoded = (row) => /\d/.test(row.textContent);
  return seen.length >= Math.floor((bottom - top) / 44) && seen.every(isDecoded) && (tag === null || seen.some((row) => row.getAttribute("aria-rowindex") === String(number)));
};

/** The last row, the first, and what lies between, by the bar, by keys and by the wheel: whatever is in view is decoded. */
async function everyRowIsReached(page, { messages }) {
  const last = (wanted) => Number(document.querySelector(".messagerows .tr.chosen")?.getAttribute("aria-rowindex")) === wanted + 1;
  await page.locator(".messagerows .tr.chosen").press("End");
  await until(page, "the last message is chosen", last, messages);
  await until(page, "it is in view, decoded", isWhole, ["row", messages + 1]);
  await page.locator(".messagerows .tr.chosen").press("ArrowUp");
  await until(page, "the one before it", last, messages - 1);
  for (const share of [0.5, 0.25, 0.999, 0]) {
    await page.evaluate((part) => {
      const scroller = document.querySelector(".messagerows .scroller");
      scroller.scrollTop = part * (scroller.scrollHeight - scroller.clientHeight);
    }, share);
    const about = Math.round(share * messages);
    await until(page, `rows at ${share} of it`, ([wanted, near]) => [...document.querySelectorAll(".messagerows .tr")].some((row) => Math.abs(Number(row.getAttribute("aria-rowindex")) - wanted) < near), [about, messages / 1000]);
    await until(page, "all in view is decoded", isWhole, [null, 0]);
  }
  await wheelLeavesNothingOut(page);
}

/** Turned by less than a view, the wheel shows each row. */
async function wheelLeavesNothingOut(page) {
  const rows = () => [...document.querySelectorAll(".messagerows .tr")].map((row) => Number(row.getAttribute("aria-rowindex")));
  await page.mouse.move(400, 500);
  let before = await page.evaluate(rows);
  for (let turn = 0; turn < 5; turn += 1) {
    await page.mouse.wheel(0, 400);
    await until(page, "it is scrolled", (end) => Math.max(...[...document.querySelectorAll(".messagerows .tr")].map((row) => Number(row.getAttribute("aria-rowindex")))) > end, Math.max(...before));
    const now = await page.evaluate(rows);
    assert.ok(Math.min(...now) <= Math.max(...before) + 1, `rows ${Math.max(...before)} to ${Math.min(...now)} were left out`);
    before = now;
  }
}

/** An order near the end is found, typed as people do: only the last search counts. Seconds of that and of a regular expression. */
async function searches(page, { messages, orders }) {
  const order = orders - 7;
  const found = (wanted) => document.getElementById("inspect-count").textContent === wanted;
  await page.locator("#inspect-search").focus();
  const seconds = await taken(async () => {
    await page.keyboard.type(`order:ORDER-${order}`);
    await until(page, "the order and its reports", found, `3 of ${count(messages)}`, 120_000);
  });
  await until(page, "they are decoded", () => ["NewOrderSingle", "ExecutionReport"].every((name) => document.querySelector(".messagerows").textContent.includes(name)));
  await page.locator("#inspect-search").fill(`35=D /ORDER-${order}\\D/`);
  await until(page, "its order alone, by tag and expression", found, `1 of ${count(messages)}`, 120_000);
  await page.locator("#inspect-search").fill("");
  await until(page, "all again", found, `${count(messages)} of ${count(messages)}`);
  return seconds;
}

/** From now on the page keeps how long its longest task took. */
function watchPauses(page) {
  return page.evaluate(() => {
    globalThis.longestPause = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longestPause = Math.max(globalThis.longestPause, duration);
    }).observe({ type: "longtask" });
  });
}

/** What the browser's processes have had in memory at most, all together, in bytes. */
async function peaks(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const peak = ({ id }) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? NaN) * 1024;
  return processInfo.filter(({ type }) => type === "renderer" || type === "browser").reduce((sum, one) => sum + peak(one), 0);
}

async function taken(run) {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}
