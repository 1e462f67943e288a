// The inspector finds messages by order, tag, expression and words, and says how two of them differ.

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { right } from "../decoder-of.js";
import { post } from "./engine.js";
import { painted, shows, until } from "./flow.js";

const cards = () => [...document.querySelectorAll(".card:not([hidden])")].map((card) => card.querySelector(".kind").textContent);

/** Of the live messages: what is shown is what was looked for, and of nothing it is said so. */
export async function searchFinds(page, origin) {
  await shows(page, "trade");
  for (const id of ["FIND-1", "FIND-2"]) await post(origin, "/api/orders", { clOrdID: id, symbol: "10Y", side: "SELL", qty: 6, ordType: "LIMIT", price: 140 });
  await shows(page, "inspector");
  await page.locator("#inspect-source [data-value=live]").click();
  await page.keyboard.press("/");
  const finds = async (text, check, words) => {
    await page.locator("#inspect-search").fill(text);
    await until(page, `${text} finds ${words}`, ([of, wanted]) => {
      const found = [...document.querySelectorAll(".card:not([hidden])")].map((card) => card.querySelector(".kind").textContent).sort().join("");
      return of === "all" ? found !== "" && [...found].every((one) => wanted.includes(one)) : found === wanted;
    }, check);
  };
  await finds("order:FIND-1", ["exactly", "8D"], "its order and its report");
  await finds("order:FIND-1|FIND-2", ["exactly", "88DD"], "both and their reports");
  await finds("35=D order:FIND-2", ["exactly", "D"], "one");
  await finds("35=D|8", ["all", "D8"], "orders and reports alone");
  await finds("35=D 11=FIND-1 OR 35=8 11=FIND-2", ["exactly", "8D"], "one of each");
  await finds("/FIND-[12].*140/ ExecutionReport", ["exactly", "88"], "both reports");
  await finds("newordersingle find-2", ["exactly", "D"], "the order by words");
  await page.locator("#inspect-search").fill("/(/");
  await until(page, "what is wrong with the expression", () => /^\/\(\/ is no regular expression/.test(document.getElementById("inspect-count").textContent) && document.getElementById("inspect-search").getAttribute("aria-invalid") === "true");
  await page.locator("#inspect-search").fill("order:NOBODY");
  await until(page, "nothing is found, and how much is hidden", () => /Nothing found.*hidden by the search/.test(document.getElementById("lanes").textContent));
  await page.keyboard.press("Escape");
  await until(page, "all again", () => document.querySelectorAll(".card:not([hidden])").length > 4);
  assert.ok((await page.evaluate(cards)).length > 4);
  for (const id of ["FIND-1", "FIND-2"]) await post(origin, "/api/cancels", { type: "CANCEL", origClOrdID: id, clOrdID: `${id}C` });
}

/** A log that has been written on since it was opened: nothing is said to be found in it, or not to be in it. */
export async function changedLogIsSaid(page) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "page-"));
  const file = path.join(folder, "live.log");
  writeFileSync(file, `${right("FIX.4.4", "35=0|49=A|56=B|34=1|52=20260114-12:00:01|")}\n`);
  await shows(page, "inspector");
  await page.keyboard.press("p");
  await page.locator("#paste-file").setInputFiles(file);
  await until(page, "its message", () => document.getElementById("decoded-title").textContent === "Heartbeat 1" && document.getElementById("inspect-count").textContent === "1 of 1");
  appendFileSync(file, `${right("FIX.4.4", "35=0|49=A|56=B|34=2|52=20260114-12:00:02|")}\n`);
  await page.locator("#inspect-search").fill("35=0");
  await until(page, "that it could not be searched", () => document.getElementById("inspect-count").textContent === "Not searched" && /could not be searched.*Open it again/.test(document.getElementById("lanes").textContent));
  await page.keyboard.press("p");
  await page.locator("#paste-file").setInputFiles(file);
  await until(page, "both, of the file as it is now", () => document.getElementById("inspect-count").textContent === "2 of 2");
  rmSync(folder, { recursive: true, force: true });
}

/** Two orders of a log: what differs, the numbers and times only if asked; Escape ends it. */
export async function diffSaysWhatDiffers(page) {
  await shows(page, "inspector");
  const order = (number, rest) => `IN ${right("FIX.4.4", `35=D|49=A|56=B|34=${number}|52=20260114-12:00:0${number}|11=X|55=IBM|54=1|60=20260114-12:00:01|${rest}|`).replaceAll("\u0001", "|")}\n`;
  await page.keyboard.press("p");
  await page.locator("#paste-text").fill(order(1, "38=5|40=2|44=10.5") + order(2, "38=7|40=2|44=10.5|58=late"));
  await page.locator("#paste-do").click();
  await until(page, "the first is decoded", () => document.getElementById("decoded-title").textContent === "NewOrderSingle 1");
  await page.keyboard.press("d");
  await until(page, "it is marked", () => document.querySelectorAll(".card.marked").length === 1);
  await page.keyboard.press("j");
  const differ = (wanted) => [...document.querySelectorAll("#diff tr")].map((row) => [...row.children].map((cell) => cell.textContent).join(" ").trim()).join("\n") === wanted;
  await until(page, "what differs", differ, ["38 OrderQty \u2212 5 + 7", "58 Text  + late"].join("\n"));
  assert.match(await page.locator("#diff-about").textContent(), /^1 and 2: 2 fields differ$/);
  await page.locator("#diff-part button", { hasText: "With times" }).click();
  await until(page, "times, numbers and lengths too", () => ["9", "34", "52", "10", "38", "58"].every((tag) => [...document.querySelectorAll("#diff tr")].some((row) => row.children[0].textContent === tag)));
  await page.locator("#diff-part button", { hasText: "With times" }).click();
  await page.keyboard.press("Escape");
  await until(page, "it is over, and nothing is marked", () => document.getElementById("diff-part").hidden && document.querySelector(".card.marked") === null);
  await painted(page);
}
