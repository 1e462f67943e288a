// The kill switch: armed by one key, fired by another within five seconds; and the bar while it is on.

import { get, post } from "./api.js";
import { offer } from "./actions.js";
import { byId, el, setText } from "./dom.js";
import { chainRows } from "./pure/chains.js";
import { clockSeconds, number, quantity } from "./pure/numbers.js";
import { about, changed, isLive, mayTrade, on, state } from "./store.js";
import { exactly } from "./trade/prices.js";
import { isSecondPress } from "./twice.js";

const PATIENCE = 5000;
/** What GET /api/halt says. */
export const halts = { known: null };
let until = 0;
let timer = 0;
let said = null;

export function startKill() {
  byId("kill").addEventListener("click", arm);
  byId("fire").addEventListener("click", fire);
  byId("disarm").addEventListener("click", disarm);
  byId("resume").addEventListener("click", (event) => isSecondPress(event.currentTarget, "Let orders in: sure?") && resume());
  on("about", () => (byId("kill").disabled = !mayTrade()));
  offer("all", { arm, fire: () => until && fire(), halts: ask });
  // A halt that is set elsewhere is in the rows of the sessions at once.
  on("link halted whole:sessions", () => isLive() && ask());
  setInterval(() => isLive() && !document.hidden && ask(), 3000);
}

/** The halt that holds for all sessions, if one does. */
export const haltOfAll = () => halts.known?.engine ?? halts.known?.redis ?? null;

async function ask() {
  if (about.isAlone) return;
  const answer = await get("/api/halt").catch((problem) => {
    if (!problem.isMissing) return null;
    about.isAlone = true;
    changed("about");
    return null;
  });
  if (!answer || JSON.stringify(answer) === JSON.stringify(halts.known)) return;
  halts.known = answer;
  paintHalted();
  changed("halts");
}

const working = () => chainRows(state.orders, state.executions).filter((row) => row.working);

function arm() {
  if (!mayTrade()) return;
  said = null;
  show();
}

/** Armed from now on, with what went wrong before, if anything did. */
function show() {
  until = performance.now() + PATIENCE;
  offer("all", { disarm });
  byId("armed").hidden = false;
  byId("fire").disabled = false;
  paintArmed();
  clearInterval(timer);
  timer = setInterval(countDown, 100);
  byId("fire").focus();
}

function countDown() {
  const left = until - performance.now();
  if (left > 0) return setText(byId("armed-left"), `${(left / 1000).toFixed(1)} s`);
  if (!said) return disarm();
  // What went wrong stays to be read, but nothing is armed any longer.
  unload();
  paintArmed();
}

/** Neither the key nor the button fires. */
function unload() {
  clearInterval(timer);
  until = 0;
  byId("fire").disabled = true;
  setText(byId("armed-left"), "");
}

function paintArmed() {
  const orders = working();
  const sessions = new Set(orders.map((order) => order.session)).size;
  const what = orders.length ? `Cancels ${orders.length === 1 ? "the working order" : `all ${orders.length} working orders`} on ${sessions} ${sessions === 1 ? "session" : "sessions"} and refuses` : "No order works. Refuses";
  setText(byId("armed-title"), until ? "Kill switch armed" : "Kill switch");
  setText(byId("armed-words"), said ?? `${what} new ones until you let them in again. Sessions stay logged on.`);
  byId("armed-orders").replaceChildren(...orders.slice(0, 8).map((order) => {
    const limit = number(order.price) ?? number(order.stopPx);
    return el("tr", {}, el("td", { class: "mono", text: order.clOrdID }), el("td", { class: order.side === "SELL" ? "down" : "up", text: order.side }), el("td", { class: "num", text: quantity(order.leavesQty ?? order.qty) }), el("td", { class: "strong", text: order.symbol }), el("td", { class: "num", text: limit === null ? "market" : exactly(limit, order.symbol) }));
  }));
}

function disarm() {
  unload();
  offer("all", { disarm: undefined });
  byId("armed").hidden = true;
}

async function fire() {
  if (!until) return;
  unload();
  try {
    halts.known = await post("/api/halt", { by: "the page", reason: "kill switch", cancelWorking: true });
    disarm();
    paintHalted();
    changed("halts");
  } catch (problem) {
    said = `${problem.status ? "It was not stopped" : "It may not be stopped"}: ${problem.message}`;
    show();
  }
}

async function resume() {
  try {
    halts.known = await post("/api/resume", { by: "the page" });
  } catch (problem) {
    setText(byId("halted-more"), problem.message);
    return;
  }
  paintHalted();
  changed("halts");
}

function paintHalted() {
  const all = [halts.known?.engine, halts.known?.redis, ...(halts.known?.sessions ?? [])].filter(Boolean);
  byId("halted").hidden = !all.length;
  if (!all.length) return;
  const first = all[0];
  setText(byId("halted-words"), first.session ? `Trading on ${first.session} is stopped.` : "Trading is stopped: new orders are refused.");
  setText(byId("halted-more"), `Since ${clockSeconds(first.since * 1000)} by ${first.by}${first.reason ? `: ${first.reason}` : ""}.`);
}
