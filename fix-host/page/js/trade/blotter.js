// Orders and executions: a row a chain of ClOrdIDs, its state, and what can be done about it.

import { act, offer } from "../actions.js";
import { byId, button, download, el, empty, segmented, setClass, setText, setTitle } from "../dom.js";
import { chainRows, stateGlyph, stateKind, stateWord } from "../pure/chains.js";
import { toCsv } from "../pure/csv.js";
import { parseFilter, passes } from "../pure/filter.js";
import { NONE, clock, decimalsAmong, number, price, quantity } from "../pure/numbers.js";
import { timeWord, typeWord } from "../pure/order.js";
import { changed, choose, isLive, mayTrade, on, state } from "../store.js";
import { SIDE } from "../columns.js";
import { Table } from "../table.js";
import { isSecondPress } from "../twice.js";
import { executionCsv, executionTable } from "./executions.js";
import { decimalsFor } from "./prices.js";
import { answers, cancel, cancelAll, mayWrite } from "./requests.js";

const KEYS = ["side", "state", "symbol", "id", "type", "tif", "account", "text"];
let table;
let executions;
let rows = [];
let which = "all";
let tab = "orders";
let filter = parseFilter("", KEYS);
const isPhone = matchMedia("(max-width: 767px)");

export function startBlotter() {
  table = new Table(byId("orders"), {
    label: "Orders",
    class: "orders",
    rowHeight: isPhone.matches ? 40 : 24,
    // On a phone the buttons of the chosen row stand below it.
    roomBelow: isPhone.matches ? 44 : 0,
    id: (row) => row.id,
    sort: [["time", -1]],
    columns: columns(),
    rowClass: (row) => (row.working ? "" : "over"),
    onOpen: (row) => row.working && act("ticket:replace", row),
    letsGo: () => isPhone.matches,
    empty: nothing,
  });
  executions = executionTable(byId("executions"));
  byId("orders-which").append(segmented("Which orders", [["all", "All"], ["working", "Working"], ["done", "Done"]], which, (value) => {
    which = value;
    changed("orders");
  }));
  for (const name of ["orders", "executions"]) byId(`tab-${name}`).addEventListener("click", () => show(name));
  const field = byId("orders-filter");
  field.addEventListener("input", () => {
    filter = parseFilter(field.value, KEYS);
    setText(byId("orders-filter-error"), filter.error ?? "");
    changed("orders");
  });
  byId("orders-csv").addEventListener("click", csv);
  byId("cancel-all").addEventListener("click", (event) => {
    const working = rows.filter((row) => row.working);
    if (working.length && isSecondPress(event.currentTarget, `Cancel ${working.length}: sure?`)) cancelAll(working);
  });
  on("orders executions link about", paint, "trade");
  offerKeys();
}

function offerKeys() {
  // The rows of the other tab are executions, with which nothing can be done.
  const withRow = (run) => () => {
    const row = tab === "orders" ? table.chosenRow() : null;
    if (row) run(row);
  };
  const cancelShown = (row) => {
    // What is scrolled out of view comes into it: its button asks.
    table.step(0);
    const element = table.shown.get(row.id)?.querySelector(".do-cancel");
    if (element) cancel(row, element);
  };
  offer("trade", {
    filter: () => byId("orders-filter").focus(),
    "row:next": () => (tab === "orders" ? table : executions).step(1),
    "row:previous": () => (tab === "orders" ? table : executions).step(-1),
    "row:cancel": withRow(cancelShown),
    "row:replace": withRow((row) => row.working && act("ticket:replace", row)),
    "row:clone": withRow((row) => act("ticket:clone", row)),
    "row:messages": withRow((row) => act("messages", row.chain)),
  });
  offer("all", { symbol: (symbol) => choose("symbol", symbol) });
}

function show(name) {
  tab = name;
  for (const one of ["orders", "executions"]) {
    byId(one).hidden = one !== name;
    byId(`tab-${one}`).setAttribute("aria-selected", String(one === name));
  }
  changed("orders");
}

function columns() {
  const dec = (row) => decimalsAmong([row.price, row.stopPx], decimalsFor(row.symbol));
  const limit = (row) => number(row.price) ?? number(row.stopPx);
  return [
    { key: "time", title: "Time", class: "mono time", value: (row) => row.time, text: (row) => clock(row.time) },
    { key: "id", title: "ClOrdID", class: "mono id", value: (row) => row.clOrdID, paint: paintId },
    SIDE,
    { key: "qty", title: "Qty", class: "num", value: (row) => number(row.qty), text: (row) => quantity(row.qty) },
    { key: "symbol", title: "Symbol", class: "strong", value: (row) => row.symbol, text: (row) => row.symbol ?? NONE },
    { key: "type", title: "Type", class: "type", value: (row) => row.ordType, text: (row) => typeWord(row.ordType) },
    { key: "price", title: "Price", class: "num price", value: limit, text: (row) => (limit(row) === null ? (row.ordType === "MARKET" ? "market" : NONE) : price(limit(row), dec(row))) },
    { key: "tif", title: "TIF", class: "tif", value: (row) => row.timeInForce, text: (row) => timeWord(row.timeInForce) },
    { key: "state", title: "State", class: "state", value: (row) => stateWord(row.state), paint: paintState },
    { key: "filled", title: "Filled", class: "num filled", value: (row) => number(row.cumQty), text: (row) => quantity(row.cumQty ?? 0) },
    { key: "avg", title: "Avg price", class: "num avg", value: (row) => row.avgPx, text: (row) => (row.avgPx ? price(row.avgPx, 4) : NONE) },
    { key: "actions", title: "", class: "rest", isFixed: true, paint: paintRest },
  ];
}

function paintId(cell, row) {
  if (!cell.parts) {
    cell.parts = [el("span"), el("span", { class: "count" })];
    cell.append(...cell.parts);
  }
  setText(cell.parts[0], row.clOrdID);
  const before = row.chain.length - 1;
  setText(cell.parts[1], before ? `\u21b3 ${before}` : "");
  cell.parts[1].hidden = !before;
  setTitle(cell, before ? `Replaced ${before} times: ${row.chain.join(", ")}` : "");
}

function paintState(cell, row) {
  if (!cell.parts) {
    cell.parts = [el("span", { "aria-hidden": "true" }), el("span")];
    cell.pill = el("span", { class: "pill" }, ...cell.parts);
    cell.append(cell.pill);
  }
  setText(cell.parts[0], stateGlyph(row.state));
  setText(cell.parts[1], stateWord(row.state));
  setClass(cell.pill, `pill ${stateKind(row.state)}`);
}

/** Progress and reason of the row; the buttons lie over it on focus and hover. */
function paintRest(cell, row) {
  if (!cell.parts) buildRest(cell);
  const { bar, words, buttons } = cell.parts;
  cell.row = row;
  const [filled, all] = [number(row.cumQty) ?? 0, number(row.qty) ?? 0];
  const isPart = row.working && filled > 0;
  bar.hidden = !isPart;
  if (isPart) bar.value = filled / all;
  const said = answers.get(row.id);
  const reason = row.reason !== null && row.reason !== undefined && stateKind(row.state) === "bad" ? `103=${row.reason} ` : "";
  setText(words, said ?? (isPart ? `leaves ${quantity(row.leavesQty)}` : row.working ? "" : `${reason}${row.text ?? ""}`));
  setClass(words, `words ${said || stateKind(row.state) === "bad" ? "bad" : ""}`);
  words.title = words.textContent;
  buttons[0].hidden = buttons[1].hidden = !row.working;
  for (const one of buttons.slice(0, 3)) one.disabled = !mayWrite();
}

function buildRest(cell) {
  const make = (text, letter, name, run) => {
    return button(text, (event) => run(cell.row, event.currentTarget), { class: `act ${name}`, tabindex: "-1", title: `Key ${letter}`, "aria-keyshortcuts": letter });
  };
  const buttons = [
    make("Cancel", "x", "do-cancel", cancel),
    make("Replace", "r", "do-replace", (row) => act("ticket:replace", row)),
    make("Clone", "c", "do-clone", (row) => act("ticket:clone", row)),
    make("FIX", "i", "do-fix", (row) => act("messages", row.chain)),
  ];
  const bar = el("progress", { max: "1", "aria-label": "Filled" });
  const words = el("span", { class: "words" });
  cell.append(bar, words, el("span", { class: "actions" }, ...buttons));
  cell.parts = { bar, words, buttons };
}

function textsOf(row) {
  return { id: row.chain.join(" "), side: row.side, symbol: row.symbol, state: `${stateWord(row.state)} ${row.working ? "working" : "done"}`, type: typeWord(row.ordType), tif: timeWord(row.timeInForce), account: row.account, text: row.text };
}

function isShown(row) {
  if (which !== "all" && row.working !== (which === "working")) return false;
  return filter.terms.length === 0 || passes(filter, textsOf(row));
}

function paint() {
  rows = chainRows(state.orders, state.executions);
  const working = rows.filter((row) => row.working).length;
  setText(byId("orders-count"), String(rows.length));
  setText(byId("executions-count"), String(state.executions.length));
  const all = byId("cancel-all");
  all.disabled = !working || !mayWrite();
  if (!all.saidBefore) setText(all, `Cancel all ${working || ""}`);
  if (tab === "orders") table.setRows(rows.filter(isShown));
  else executions.setRows(state.executions.filter((report) => filter.terms.length === 0 || passes(filter, { id: report.clOrdID, side: report.side, symbol: report.symbol, state: report.ordStatus, text: report.text })));
}

function nothing() {
  if (rows.length) {
    const clear = button("Clear filter", () => {
      byId("orders-filter").value = "";
      filter = parseFilter("", KEYS);
      which = "all";
      byId("orders-which").firstElementChild.choose("all");
      changed("orders");
    });
    return empty("Nothing matches", `${rows.length} ${rows.length === 1 ? "order is" : "orders are"} hidden by the filter.`, clear);
  }
  if (!isLive()) return empty("", "Asking the engine for its orders\u2026");
  if (!mayTrade()) return empty("No orders yet", "");
  return empty("No orders yet", "Send one with the ticket, or from a terminal:", el("code", { text: `fix-host order --api ${location.origin} --side BUY --qty 10 --symbol 10Y` }), button("Open ticket", () => act("ticket")));
}

function csv() {
  if (tab === "executions") return download("executions.csv", "text/csv", executionCsv(executions.rows));
  const shown = [["time", (row) => clock(row.time)], ["clOrdID", (row) => row.clOrdID], ["chain", (row) => row.chain.join(" ")], ["side", (row) => row.side], ["qty", (row) => number(row.qty)], ["symbol", (row) => row.symbol], ["ordType", (row) => row.ordType], ["price", (row) => number(row.price)], ["stopPx", (row) => number(row.stopPx)], ["timeInForce", (row) => row.timeInForce], ["account", (row) => row.account], ["state", (row) => row.state], ["cumQty", (row) => number(row.cumQty)], ["leavesQty", (row) => number(row.leavesQty)], ["avgPx", (row) => row.avgPx], ["text", (row) => row.text]];
  download("orders.csv", "text/csv", toCsv(shown, table.rows));
}
