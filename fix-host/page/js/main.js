// Starts the page: the frame, the views, then the stream.

import { act, offer } from "./actions.js";
import { get } from "./api.js";
import { startFrame } from "./frame.js";
import { startKeyboard } from "./keyboard.js";
import { startKill } from "./kill.js";
import { startPalette } from "./palette.js";
import { about, changed, chosen, on, state } from "./store.js";
import { startStatus } from "./status.js";
import { connect, watch } from "./stream.js";
import { startBlotter } from "./trade/blotter.js";
import { startChart } from "./trade/chart.js";
import { startDepth } from "./trade/depth.js";
import { startHistory } from "./trade/history.js";
import { startPrices } from "./trade/prices.js";
import { startTape } from "./trade/tape.js";
import { startTicket } from "./trade/ticket.js";

async function askAbout() {
  try {
    about.known = await get("/api/about");
    changed("about");
  } catch {
    setTimeout(askAbout, 2000);
  }
}

for (const start of [startFrame, startHistory, startPrices, startChart, startDepth, startTape, startTicket, startBlotter, startKill, startPalette, startKeyboard, startStatus]) start();
// From an order to all its messages.
offer("all", {
  messages(ids) {
    chosen.search = `order:${ids.map((id) => (/\s/.test(id) ? `"${id}"` : id)).join("|")}`;
    act("view:inspector");
    changed("search");
  },
});
// A file that is dropped anywhere is a log to read; the browser would leave the page for it.
addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
addEventListener("drop", (event) => {
  const [file] = event.dataTransfer.files;
  if (event.defaultPrevented || !file) return;
  event.preventDefault();
  chosen.file = file;
  act("view:inspector");
  changed("file");
});
// Another process has another version, and perhaps other symbols.
let boot = null;
on("whole:prices whole:orders", () => {
  if (boot !== null && boot !== state.boot) askAbout();
  boot = state.boot;
});
askAbout();
connect();
watch();
