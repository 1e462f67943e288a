// What the page says is readable: no words of its own are cut off on a desk's screen.

import assert from "node:assert/strict";

/** Words that are cut off and that no pointer shows whole. Cells of tables hold what others wrote, of any length: those show it whole. */
export async function nothingIsCut(page) {
  const cut = await page.evaluate(() => [...document.querySelectorAll("main *, header *, footer *")]
    .filter((one) => one.checkVisibility() && one.childElementCount === 0 && one.textContent.trim() && !one.closest(".tr, svg, option, .skip"))
    .filter((one) => ["hidden", "clip"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1 && !one.title)
    .map((one) => `${one.id || one.className || one.tagName}: ${one.textContent}`));
  assert.deepEqual(cut, []);
  // Words of its own have no characters that are written out as those of others are.
  const escaped = await page.evaluate(() => [...document.querySelectorAll("[placeholder], [title], [aria-label]")].flatMap((one) => [one.placeholder, one.title, one.ariaLabel]).filter((words) => /\\x[0-9a-f]{2}/.test(words ?? "")));
  assert.deepEqual(escaped, []);
}

/** Heads have their title whole, and their buttons in their panel: none is cut off at its edge. */
export async function headsFit(page) {
  const out = await page.evaluate(() => [...document.querySelectorAll("main .head")].filter((one) => one.checkVisibility()).flatMap((head) => {
    const right = head.getBoundingClientRect().right + 1;
    return [...head.querySelectorAll("button, select, input, summary")].filter((one) => one.checkVisibility() && !one.closest(".sheet") && one.getBoundingClientRect().right > right).map((one) => `${head.textContent.slice(0, 40)}: ${one.id || one.textContent}`);
  }));
  assert.deepEqual(out, []);
  const short = await page.evaluate(() => [...document.querySelectorAll("main .head > h2")].filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && !one.title).map((one) => one.textContent));
  assert.deepEqual(short, [], "titles that are cut");
}
