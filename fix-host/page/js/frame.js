// The frame: which view is shown, the strip, the session in the top bar, the clock, the bar of a lost link.

import { offer } from "./actions.js";
import { byId, empty, setClass, setText } from "./dom.js";
import { age, clockSeconds, price } from "./pure/numbers.js";
import { about, changed, choose, chosen, isLive, link, on, quoteOf, state } from "./store.js";
import { connect } from "./stream.js";
import { decimalsFor } from "./trade/prices.js";

const VIEWS = ["trade", "sessions", "inspector", "exchange", "health"];
const loaded = new Set(["trade"]);

export function startFrame() {
  for (const view of VIEWS) byId(`go-${view}`).addEventListener("click", () => show(view));
  document.querySelector("nav.tabs").addEventListener("keydown", walkTabs);
  byId("session-pill").addEventListener("click", () => show("sessions"));
  byId("lost-now").addEventListener("click", connect);
  byId("theme").addEventListener("click", () => globalThis.fixTheme.toggle());
  addEventListener("themechange", () => changed("theme"));
  addEventListener("hashchange", () => show(location.hash.slice(1)));
  on("theme", paintTheme);
  on("about whole:prices", paintStrip);
  on("about", leaveOutTrade);
  on("sessions link", paintSession);
  on("second link", paintLink);
  on("prices symbol link", paintThumbs, "trade");
  offer("all", Object.fromEntries(VIEWS.map((view) => [`view:${view}`, () => show(view)])));
  paintTheme();
  paintLink();
  show(location.hash.slice(1) || "trade");
  scheduleClock();
}

/** What is not real: all of it, or the prices beside a counterparty that may be. */
function paintStrip() {
  const isAll = about.known?.simulated ?? false;
  const isSimulated = isAll || state.prices.some((quote) => quote.source === "simulated");
  byId("strip").hidden = !isSimulated;
  if (!isSimulated) return;
  setText(byId("strip-words"), isAll ? "Prices and the counterparty run inside this process. Nothing leaves this machine." : "Prices are made up here; orders go to the counterparty. MarketData=subscribe in the .cfg asks it for its own.");
  setText(byId("strip-short"), isAll ? "nothing leaves this machine" : "prices only: orders are real");
}

/** At an exchange alone nobody trades. */
function leaveOutTrade() {
  if (!about.isAlone) return;
  byId("go-trade").hidden = byId("kill").hidden = true;
  if (chosen.view === "trade") show("exchange");
}

async function show(view) {
  if (!VIEWS.includes(view) || (view === "trade" && about.isAlone)) return;
  for (const one of VIEWS) {
    byId(`view-${one}`).hidden = one !== view;
    const tab = byId(`go-${one}`);
    tab.setAttribute("aria-selected", String(one === view));
    tab.tabIndex = one === view ? 0 : -1;
  }
  setText(byId("phone-title"), byId(`go-${view}`).firstElementChild.textContent);
  document.body.dataset.view = view;
  if (location.hash.slice(1) !== view) history.replaceState(null, "", `#${view}`);
  choose("view", view);
  if (!loaded.has(view)) await load(view);
}

/** A view's own module comes when it is first looked at. */
async function load(view) {
  loaded.add(view);
  const host = byId(`view-${view}`);
  try {
    const module = await import(`./${view}/view.js`);
    host.replaceChildren();
    module.start(host);
    changed("view");
  } catch (problem) {
    loaded.delete(view);
    host.replaceChildren(empty("This view could not be loaded", `${problem.message}. Choose it again once the engine answers.`));
  }
}

function walkTabs(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = VIEWS[(VIEWS.indexOf(chosen.view) + by + VIEWS.length) % VIEWS.length];
  show(next);
  byId(`go-${next}`).focus();
}

function paintTheme() {
  const isDark = globalThis.fixTheme.get() === "dark";
  setText(byId("theme"), isDark ? "\u25d0 Dark" : "\u25d1 Light");
}

/** The sessions in one line: the only one by name, several by number. */
function paintSession() {
  const all = [...state.sessions.values()];
  const on = all.filter((one) => one.status === "LOGGED_ON");
  const isAll = all.length > 0 && on.length === all.length;
  const word = !isLive() ? "NO LINK" : !all.length ? "NO SESSION" : isAll ? "LOGGED ON" : on.length ? `${on.length} OF ${all.length} ON` : "LOGGED OUT";
  setText(byId("session-word"), word);
  const only = all.length === 1 ? all[0].session.replace(/^FIX[^:]*:/, "").replace("->", " \u2192 ") : `${all.length} sessions`;
  setText(byId("session-who"), all.length ? only : "");
  setClass(byId("session-pill"), `sessionpill ${!isLive() ? "unsure" : isAll ? "good" : "bad"}`);
  byId("go-sessions").dataset.note = isLive() && all.length && !isAll ? `${all.length - on.length} down` : "";
}

function paintLink() {
  const isLost = link.status === "lost" && performance.now() - link.since > 1000;
  document.body.classList.toggle("link-lost", isLost);
  byId("lost").hidden = !isLost;
  if (!isLost) return;
  setText(byId("lost-words"), `No connection to the engine for ${age(Math.floor((performance.now() - link.since) / 1000) * 1000).replace(".0", "")}.`);
  const wait = Math.max(0, Math.round((link.retryAt - performance.now()) / 1000));
  setText(byId("lost-next"), `Nothing can be sent. ${wait ? `Trying again in ${wait} s.` : "Trying now."}`);
}

function paintThumbs() {
  const quote = quoteOf(chosen.symbol);
  for (const side of ["bid", "ask"]) setText(byId(`thumb-${side}`), quote ? price(quote[side], decimalsFor(quote.symbol)) : "");
}

function scheduleClock() {
  const tick = () => {
    setText(byId("utc"), `${clockSeconds(Date.now())} UTC`);
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}
