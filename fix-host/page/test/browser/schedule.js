// A session says when it may be on, and what its counterparty said last.

import { openDesk } from "./desk.js";
import { shows, until } from "./flow.js";
import { logsOutWith } from "./peer.js";

const TEXT = "<b>closed</b> until 14:00";
const at = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 19);

export async function scheduleAndLastWords(program, browser, step) {
  const peer = await logsOutWith(TEXT);
  const begin = at(2);
  // The one may always be on, but for a second of the day; the other one begins in two hours.
  const desk = await openDesk(program, browser, {
    fix: peer.port,
    sessions: () => [["SenderCompID=TRADEDESK", "TargetCompID=EXCHANGE", "StartTime=00:00:00", "EndTime=23:59:59"], ["SenderCompID=LATER", "TargetCompID=EXCHANGE", `StartTime=${begin}`, `EndTime=${at(3)}`]],
  });
  const { page, origin } = desk;
  const fact = (name, words) => until(page, `${name}: ${words}`, ([wanted, text]) => [...document.querySelectorAll("#session-facts tr")].some((row) => row.children[0].textContent === wanted && row.children[1].textContent.includes(text)), [name, words]);
  await step("a session says its schedule and the counterparty's last words, as text", page, async () => {
    await page.goto(`${origin}/`);
    await shows(page, "sessions");
    await page.locator("#sessions-table .tr", { hasText: "TRADEDESK" }).click();
    await fact("Schedule", "00:00:00");
    await fact("Last words of the counterparty", `${TEXT} (Logout, `);
    await page.locator("#sessions-table .tr", { hasText: "LATER" }).click();
    await fact("Schedule", begin);
    await until(page, "it is out of its schedule", () => document.getElementById("session-words").textContent.startsWith("OUT OF SCHEDULE") && [...document.querySelectorAll("#sessions-table .tr")].some((row) => /LATER.*OUT OF SCHEDULE/.test(row.textContent)));
  });
  await desk.close();
  peer.close();
}
