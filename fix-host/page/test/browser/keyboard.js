// All of the page without a pointer: each view has its key, each control its place, and where the focus is can be seen.

import assert from "node:assert/strict";
import { shows, until } from "./flow.js";

/** Keys lead to each view, from anywhere and from the tabs. */
export async function viewsHaveKeys(page, views) {
  const isAt = (view) => until(page, view, (wanted) => document.body.dataset.view === wanted && !document.getElementById(`view-${wanted}`).hidden && document.getElementById(`go-${wanted}`).getAttribute("aria-selected") === "true", view);
  await page.evaluate(() => document.activeElement.blur());
  for (const [place, view] of [...views.entries()].reverse()) {
    await page.keyboard.press(String(place + 1));
    await isAt(view);
  }
  await page.locator(`#go-${views[0]}`).focus();
  for (const view of [...views.slice(1), views[0]]) {
    await page.keyboard.press("ArrowRight");
    await isAt(view);
    assert.equal(await page.evaluate(() => document.activeElement.id), `go-${view}`);
  }
}

/** Every control that can be seen is reached by Tab, or by arrow keys from one that is; and it can be seen where the focus is. */
export async function allIsReachedByKeyboard(page, view) {
  await shows(page, view);
  await page.evaluate(() => document.activeElement.blur());
  const reached = new Set();
  for (let press = 0; press < 150; press += 1) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate(() => {
      const one = document.activeElement;
      one.dataset.reached = "yes";
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      if (one !== document.body && (outlineStyle === "none" || outlineWidth === "0px") && boxShadow === "none") one.dataset.unseen = "yes";
      return one === document.body ? null : one.id || one.textContent;
    });
    if (id === null && press > 10) break;
    reached.add(id);
  }
  const missed = await page.evaluate(() => [...document.querySelectorAll("button, input, select, textarea, a[href], summary")]
    .filter((one) => one.checkVisibility() && !one.disabled && !one.dataset.reached && !one.closest("[role=radiogroup], [role=tablist], .tr, .thead, .stepper, dialog, .skip"))
    .map((one) => one.id || one.textContent || one.outerHTML));
  assert.deepEqual(missed, [], `${view}: not reached by Tab`);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("[data-unseen]")].map((one) => one.outerHTML.slice(0, 120))), [], "the focus cannot be seen");
  assert.ok(reached.size > 5);
}
