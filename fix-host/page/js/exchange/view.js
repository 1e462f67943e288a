// The exchange of this process: what the counterparty holds, and what it shall answer.

import { offer } from "../actions.js";
import { byId, button, el, empty, segmented, setText, setTitle } from "../dom.js";
import { about, choose, chosen, isLive, isReadOnly, on, state } from "../store.js";
import { want } from "../stream.js";
import { buildBook, forgetBook, paintBook, askBook } from "./book.js";
import { buildByHand } from "./by-hand.js";
import { command, done } from "./commands.js";
import { begin, buildOrders, chosenOrder, openMenuOfChosen, paintOrders, stepOrders } from "./orders.js";
import { buildInstruments, paintInstruments } from "./instruments.js";
import { phaseChoice, setPhase } from "./phases.js";
import { buildRowMenu } from "./row-menu.js";
import { buildTrades, forgetTrades, paintTrades } from "./trades.js";
import { clock } from "../pure/numbers.js";

let hold;
let phaseOfAll;
let phaseOfOne;
/** The process whose exchange is shown. */
let boot = null;

export function start(host) {
  if (about.known && !about.known.exchange) return without(host);
  build(host);
  want("exchange", chosen.view === "exchange");
  on("view", () => want("exchange", chosen.view === "exchange"));
  on("exchange link about symbol", paint, "exchange");
  on("symbol view link", askBook);
  on("by-hand", paintLog);
  on("second", paintTrades, "exchange");
  offer("exchange", {
    "row:next": () => stepOrders(1),
    "row:previous": () => stepOrders(-1),
    "row:cancel": () => withOrder((order) => begin("cancel", order)),
    "row:replace": () => withOrder((order) => begin("reject", order)),
    accept: () => withOrder((order) => begin("accept", order)),
    fill: () => withOrder((order) => begin("fill", order)),
    "row:menu": openMenuOfChosen,
    filter: () => stepOrders(0),
  });
  paint();
}

function withOrder(run) {
  const order = chosenOrder();
  if (order) run(order);
}

function without(host) {
  host.append(el("section", { class: "panel" }, empty("No exchange in this process", "It runs beside the engine in a demonstration, or alone with its own page:", el("code", { text: "fix-host demo" }), el("code", { text: "fix-host exchange --http 127.0.0.1:8051" }))));
  host.classList.add("alone");
}

function build(host) {
  hold = segmented("Requests are answered", [["false", "Automatic"], ["true", "By hand"]], "false", (value) => command("hold", { hold: value === "true" }, value === "true" ? "Hold requests for a person" : "Answer requests automatically"));
  phaseOfAll = phaseChoice("venue-phase", "Phase of all instruments", () => null);
  phaseOfOne = phaseChoice("book-phase", "Phase of this instrument", () => chosen.symbol);
  host.append(
    panel("venue", "Exchange", "venue-about", [button("Halt all", () => haltOrOpen(), { id: "venue-halt", class: "danger" })], dayBar(), buildInstruments(), el("p", { class: "note foot", id: "venue-profile" })),
    panel("venuebook", "Book", "book-about", [button("Halt", () => haltOrOpen(chosen.symbol), { id: "book-halt" }), phaseOfOne], buildBook()),
    panel("venueorders", "Orders here", "venue-orders-about", [hold], buildOrders(), buildByHand()),
    panel("venuetrades", "Fills", "venue-trades-about", [], buildTrades()),
    panel("venuelog", "What was done by hand", "venue-log-about", [], el("ol", { class: "events body", id: "venue-log" })),
    buildRowMenu(),
  );
}

/** The day of all instruments: its phase, and after its close what it traded. */
function dayBar() {
  const calculate = button("Calculate", () => command("calculate", {}, "Calculate the day", ({ calculated }) => `told 150=B of ${calculated} ${calculated === 1 ? "order" : "orders"}`), { id: "venue-calculate", title: "After the close of all: tells 150=B of each order that traded and is filled or done for the day" });
  return el("div", { class: "head sub daybar" }, el("span", { class: "cap", text: "All" }), phaseOfAll, el("span", { class: "push" }), calculate);
}

function panel(name, title, aboutId, buttons, ...content) {
  return el("section", { class: `panel ${name}`, "aria-label": title }, el("div", { class: "head" }, el("h2", { text: title }), el("span", { class: "aside", id: aboutId }), el("span", { class: "push" }), ...buttons), ...content);
}

/** Halts, or opens again, an instrument or all. */
function haltOrOpen(symbol) {
  const venue = state.exchange?.venue;
  const now = symbol ? venue?.instruments.find((one) => one.symbol === symbol)?.phase : venue?.phase;
  setPhase(now === "OPEN" ? "HALT" : "OPEN", symbol);
}

function paint() {
  if (boot !== state.boot) {
    // What another process had, nobody can correct any longer.
    boot = state.boot;
    forgetBook();
    forgetTrades();
  }
  const venue = state.exchange?.venue;
  // Where nobody trades no table of prices has chosen one.
  if (about.isAlone && !chosen.symbol && venue?.instruments.length) choose("symbol", venue.instruments[0].symbol);
  const mayWrite = isLive() && !isReadOnly();
  for (const id of ["venue-halt", "book-halt"]) byId(id).disabled = !mayWrite || !venue;
  byId("venue-calculate").disabled = !mayWrite || venue?.phase !== "CLOSE";
  if (venue) {
    const profile = about.known?.profile;
    setText(byId("venue-about"), `${profile ? `${profile.name}, ` : ""}${venue.sessions.length} ${venue.sessions.length === 1 ? "session" : "sessions"}`);
    setTitle(byId("venue-about"), profile ? `Venue profile ${profile.name}: ${profile.description}` : "");
    setText(byId("venue-profile"), profile?.description ? `Profile ${profile.name}: ${profile.description}.` : "");
    setText(byId("venue-halt"), venue.phase === "OPEN" ? "Halt all" : "Open all");
    const one = venue.instruments.find(({ symbol }) => symbol === chosen.symbol);
    setText(byId("book-halt"), one?.phase === "OPEN" ? "Halt" : "Open");
    phaseOfAll.paint(venue.phase, venue.instruments.every(({ phase }) => phase === venue.phase), mayWrite);
    phaseOfOne.paint(one?.phase, true, mayWrite && Boolean(one));
    hold.choose(String(venue.hold));
    hold.firstElementChild.disabled = hold.lastElementChild.disabled = !mayWrite;
  }
  paintInstruments();
  paintBook();
  paintOrders();
  paintTrades();
  paintLog();
}

function paintLog() {
  const host = byId("venue-log");
  if (host.shown === done.length && done.length) return;
  host.shown = done.length;
  host.replaceChildren(...(done.length ? [...done].reverse().map((one) => el("li", {}, el("span", { class: "mono dim", text: clock(one.time) }), el("b", { class: one.error ? "bad" : "", text: one.what }), el("span", { text: one.error ?? one.said }))) : [el("li", { class: "note", text: "Nothing from this page yet." })]));
}
