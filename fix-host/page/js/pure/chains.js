// Orders as the blotter shows them: a chain of ClOrdIDs that replaced each other is one row.

import { capital } from "./codes.js";
import { milliseconds, number } from "./numbers.js";

const WORDS = {
  SENT: "Sending",
  PENDING_NEW: "Pending new",
  NEW: "Working",
  PARTIALLY_FILLED: "Partly filled",
  FILLED: "Filled",
  PENDING_CANCEL: "Cancel pending",
  PENDING_REPLACE: "Replace pending",
  CANCELED: "Canceled",
  EXPIRED: "Expired",
  DONE_FOR_DAY: "Done for day",
  REJECTED: "Rejected",
  REPLACED: "Replaced",
  SUSPENDED: "Suspended",
  STOPPED: "Stopped",
  CALCULATED: "Calculated",
  ACCEPTED_FOR_BIDDING: "Accepted for bidding",
  SIM_MODE: "Not sent: SIM MODE",
  NOT_SENT: "Not sent",
  UNKNOWN: "Unknown",
};

/** What kind of state it is, for glyph and colour. */
const KINDS = {
  FILLED: "good",
  PARTIALLY_FILLED: "part",
  NEW: "live",
  PENDING_CANCEL: "wait",
  PENDING_REPLACE: "wait",
  SENT: "wait",
  PENDING_NEW: "wait",
  REJECTED: "bad",
  SUSPENDED: "wait",
  STOPPED: "live",
  ACCEPTED_FOR_BIDDING: "live",
  CALCULATED: "good",
  UNKNOWN: "unsure",
  SIM_MODE: "bad",
  NOT_SENT: "bad",
};

const GLYPHS = { good: "\u2713", part: "\u25d0", live: "\u25cb", wait: "\u2026", bad: "!", unsure: "?", done: "\u00d7" };

export function stateWord(state) {
  const key = stateKey(state);
  return WORDS[key] ?? capital(key.toLowerCase().replaceAll("_", " "));
}

function stateKey(state) {
  return String(state ?? "").toUpperCase().replaceAll(" ", "_");
}

export function stateKind(state) {
  return KINDS[stateKey(state)] ?? "done";
}

export function stateGlyph(state) {
  return GLYPHS[stateKind(state)];
}

/**
 * One row for each chain, from the orders by ClOrdID and the executions, oldest first. The row is that of the last
 * id; `chain` are all ids, oldest first.
 */
export function chainRows(orders, executions) {
  const before = new Map();
  const after = new Set();
  for (const order of orders.values()) {
    const previous = order.origClOrdID;
    if (previous && orders.get(previous)?.replacedBy === order.clOrdID) {
      before.set(order.clOrdID, previous);
      after.add(previous);
    }
  }
  const told = told_of(executions);
  const rows = [];
  for (const order of orders.values()) {
    if (after.has(order.clOrdID)) continue;
    const chain = [order.clOrdID];
    for (let id = before.get(order.clOrdID); id && !chain.includes(id); id = before.get(id)) chain.unshift(id);
    rows.push(keptRow(order, chain, told));
  }
  return rows;
}

/** The row as it was made before, if neither the order nor its chain has become another and nothing more was told of it. */
function keptRow(order, chain, told) {
  const count = chain.reduce((sum, id) => sum + (told.get(id)?.count ?? 0), chain.length * 1e6);
  const known = memory.rows.get(order);
  if (known?.count === count) return known.row;
  const row = chainRow(order, chain, told);
  memory.rows.set(order, { count, row });
  return row;
}

function chainRow(order, chain, told) {
  const said = chain.map((id) => told.get(id)).filter(Boolean);
  const last = told.get(order.clOrdID);
  const times = [milliseconds(order.time), ...said.map((one) => one.first)].filter(Number.isFinite);
  return {
    ...order,
    id: chain[0],
    chain,
    time: times.length ? Math.min(...times) : NaN,
    avgPx: number(order.cumQty) > 0 ? (number(order.avgPx) || last?.avgPx || average(said, number(order.cumQty))) : null,
    text: order.text ?? last?.text ?? null,
    reason: order.reason ?? last?.reason ?? null,
  };
}

/** What its trades cost on average, if they are all here: none was taken back, and together they are what is filled. */
function average(said, cumQty) {
  const [qty, cost] = said.reduce(([all, sum], one) => [all + one.qty, sum + one.cost], [0, 0]);
  const isWhole = cumQty > 0 && Math.abs(qty - cumQty) < 1e-9 && said.every((one) => !one.isChanged);
  return isWhole ? cost / qty : null;
}

/**
 * What was told up to `count` of these executions, and the rows made of it by their orders: most are as they were, and all
 * of them anew each time would be slow.
 */
const memory = { executions: null, first: null, count: 0, told: new Map(), rows: new WeakMap() };

/** What the executions tell of each ClOrdID: when the first came, its trades, the last text and reason. */
function told_of(executions) {
  const isKnown = memory.executions === executions && memory.first === executions[0] && memory.count <= executions.length;
  if (!isKnown) Object.assign(memory, { executions, first: executions[0], count: 0, told: new Map(), rows: new WeakMap() });
  const { told } = memory;
  for (; memory.count < executions.length; memory.count += 1) {
    const report = executions[memory.count];
    const id = report.clOrdID;
    const one = told.get(id) ?? { count: 0, first: reportTime(report), qty: 0, cost: 0, isChanged: false };
    one.count += 1;
    if (isTrade(report)) {
      one.qty += Number(report.lastQty);
      one.cost += Number(report.lastQty) * Number(report.lastPx);
    }
    one.isChanged ||= ["G", "H"].includes(report.execType);
    one.avgPx = number(report.avgPx) ?? one.avgPx;
    one.text = report.text ?? null;
    one.reason = report.ordRejReason ?? report.cxlRejReason ?? null;
    told.set(id, one);
  }
  return told;
}

/** When a report was said, in milliseconds. */
export function reportTime(report) {
  return milliseconds(report.time ?? report.transactTime ?? report.heardAt);
}

/** Whether a report tells of a trade, and is not only a change of state. */
export function isTrade(report) {
  return ["F", "1", "2"].includes(report.execType) && number(report.lastQty) > 0;
}

const trades = { executions: null, first: null, count: 0, byId: new Map(), all: [] };

/**
 * The trades among these executions, oldest first, as { report, price, qty, isBusted }: what was corrected as it is now,
 * and what was taken back as such. Most are as they were when this was asked before.
 */
export function tradesOf(executions) {
  const isKnown = trades.executions === executions && trades.first === executions[0] && trades.count <= executions.length;
  if (!isKnown) Object.assign(trades, { executions, first: executions[0], count: 0, byId: new Map(), all: [] });
  for (; trades.count < executions.length; trades.count += 1) takeTrade(executions[trades.count]);
  return trades.all;
}

function takeTrade(report) {
  const { byId, all } = trades;
  if (isTrade(report)) {
    const trade = { report, price: Number(report.lastPx), qty: report.lastQty, isBusted: false };
    byId.set(report.execID, trade);
    all.push(trade);
    return;
  }
  const meant = ["G", "H"].includes(report.execType) && byId.get(report.execRefID);
  if (!meant) return;
  // A correction can be corrected, by its own id.
  byId.set(report.execID, meant);
  if (report.execType === "H") meant.isBusted = true;
  else Object.assign(meant, { price: Number(report.lastPx), qty: report.lastQty });
}
