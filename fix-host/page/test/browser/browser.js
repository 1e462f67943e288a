// A browser that watches itself: what it logs as an error, what the policy refuses, what it asks of other origins.

import { chromium } from "playwright-core";
import { existsSync } from "node:fs";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? KNOWN.find((path) => existsSync(path));
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Wrong things that happened in any page, in words. */
export const wrong = [];
/** While the engine is down, a page may say that it cannot reach it. */
export const tolerance = { isDown: false };

export async function open(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "dark", ...options });
  const page = await context.newPage();
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  });
  page.on("console", (message) => {
    if (message.type() !== "error" || tolerance.isDown) return;
    // What the engine refuses is an answer that the page shows; Chromium logs it all the same.
    if (/Failed to load resource: the server responded with a status of (4\d\d|503)/.test(message.text())) return;
    wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.stack}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin) wrong.push(`another origin: ${request.url()}`);
  });
  return { page, context };
}
