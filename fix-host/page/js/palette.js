// Find or do: views, symbols, orders, sessions and what can be done, by a few letters.

import { act, offer } from "./actions.js";
import { byId, el } from "./dom.js";
import { stateWord } from "./pure/chains.js";
import { orderIn, orderWords } from "./pure/order.js";
import { choose, mayTrade, state, symbols } from "./store.js";

const MOST = 12;
let found = [];
let at = 0;

export function startPalette() {
  const box = byId("palette-box");
  const field = byId("palette-input");
  const open = () => {
    if (box.open) return box.close();
    field.value = "";
    box.showModal();
    find();
    field.focus();
  };
  byId("open-palette").addEventListener("click", open);
  offer("all", { palette: open });
  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      at = (at + by + found.length) % Math.max(1, found.length);
      paint();
    } else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", (event) => event.target === box && box.close());
}

function run(entry) {
  byId("palette-box").close();
  entry?.run();
}

/** The ticket has what was typed; it is sent from there. */
function fillTicket(order) {
  act("view:trade");
  choose("symbol", order.symbol);
  act("ticket", { ...order, replaces: null, warning: null });
}

function entries() {
  const view = (name) => () => act(`view:${name}`);
  const onTrade = (run) => () => {
    act("view:trade");
    run();
  };
  return [
    ...[["trade", "Trade"], ["sessions", "Sessions"], ["inspector", "Inspector"], ["exchange", "Exchange"], ["health", "Health"]].map(([name, text]) => ({ kind: "view", text, run: view(name) })),
    ...symbols().map((symbol) => ({ kind: "symbol", text: symbol, run: onTrade(() => choose("symbol", symbol)) })),
    { kind: "do", text: "Open the ticket", run: onTrade(() => act("ticket")) },
    { kind: "do", text: "Switch between light and dark", run: () => globalThis.fixTheme.toggle() },
    { kind: "do", text: "Arm the kill switch", run: () => act("arm") },
    { kind: "do", text: "Paste a log to decode", run: () => { act("view:inspector"); setTimeout(() => act("paste"), 50); } },
    { kind: "do", text: "Show the keys", run: () => act("keys") },
    ...[...state.sessions.values()].map(({ session }) => ({ kind: "session", text: session, run: () => { act("view:sessions"); choose("session", session); } })),
    ...[...state.orders.values()].slice(-500).reverse().map((order) => ({
      kind: "order",
      text: `${order.clOrdID} ${order.side} ${order.qty} ${order.symbol} ${stateWord(order.state)}`,
      run: () => act("messages", [order.clOrdID]),
    })),
  ];
}

function find() {
  const words = byId("palette-input").value.toLowerCase().split(/\s+/).filter(Boolean);
  const order = orderIn(byId("palette-input").value, symbols());
  const typed = order && mayTrade() ? [{ kind: "ticket", text: `Fill the ticket: ${orderWords({ ...order, timeInForce: "DAY" })}`, run: () => fillTicket(order) }] : [];
  found = entries().filter(({ kind, text }) => words.every((word) => `${kind} ${text}`.toLowerCase().includes(word))).slice(0, MOST);
  found.unshift(...typed);
  at = 0;
  paint();
}

function paint() {
  byId("palette-list").replaceChildren(...(found.length ? found.map(option) : [el("li", { class: "note", text: "Nothing of that name." })]));
  byId("palette-input").setAttribute("aria-activedescendant", found.length ? `found-${at}` : "");
}

function option(entry, place) {
  return el("li", { id: `found-${place}`, role: "option", "aria-selected": String(place === at), on: { click: () => run(entry) } },
    el("span", { class: "kind", text: entry.kind }), el("span", { text: entry.text }));
}
