// The instruments of the exchange: best prices and phase.

import { el, empty, setClass, setText } from "../dom.js";
import { number, quantity } from "../pure/numbers.js";
import { choose, chosen, on, state } from "../store.js";
import { Table } from "../table.js";
import { exactly } from "../trade/prices.js";
import { phaseWord } from "./phases.js";

let table;
/** How many orders rest, by symbol; one that waits for a person does not yet. */
let resting = new Map();

export function buildInstruments() {
  const host = el("div", { class: "tablehost" });
  const cost = (name) => (one) => exactly(one[name], one.symbol);
  table = new Table(host, {
    label: "Instruments",
    class: "instruments",
    id: (one) => one.symbol,
    onChoose: (one) => choose("symbol", one.symbol),
    empty: () => empty("", "Asking the exchange\u2026"),
    columns: [
      { key: "symbol", title: "Symbol", class: "strong", value: (one) => one.symbol },
      { key: "resting", title: "Resting", class: "num", value: (one) => resting.get(one.symbol) ?? 0, text: (one) => quantity(resting.get(one.symbol) ?? 0) },
      { key: "bid", title: "Bid", class: "num", value: (one) => number(one.bid), text: cost("bid") },
      { key: "ask", title: "Ask", class: "num", value: (one) => number(one.ask), text: cost("ask") },
      { key: "phase", title: "Phase", class: "num", value: (one) => one.phase, paint: paintPhase },
    ],
  });
  on("symbol", () => table.choose(chosen.symbol));
  return host;
}

function paintPhase(cell, one) {
  if (!cell.pill) cell.append((cell.pill = el("span", { class: "pill" })));
  const [kind, words] = phaseWord(one.phase);
  setText(cell.pill, words);
  setClass(cell.pill, `pill ${kind}`);
}

export function paintInstruments() {
  resting = new Map();
  for (const { symbol, leavesQty, waits } of state.exchange?.orders ?? []) if (number(leavesQty) > 0 && waits !== "NEW") resting.set(symbol, (resting.get(symbol) ?? 0) + 1);
  table.setRows(state.exchange?.venue?.instruments ?? []);
  if (table.chosen !== chosen.symbol) table.choose(chosen.symbol);
}
