// The reports, as they came, newest first.

import { empty } from "../dom.js";
import { reportTime } from "../pure/chains.js";
import { codeWord, reportWord } from "../pure/codes.js";
import { toCsv } from "../pure/csv.js";
import { NONE, clock, decimalsAmong, number, price, quantity } from "../pure/numbers.js";
import { SIDE } from "../columns.js";
import { Table } from "../table.js";
import { decimalsFor } from "./prices.js";

const idOf = (report) => report.reportId ?? report.execID ?? `${report.clOrdID} ${report.transactTime} ${report.ordStatus}`;

export function executionTable(host) {
  const last = (report) => (number(report.lastQty) ? number(report.lastPx) : null);
  return new Table(host, {
    label: "Reports",
    class: "executions",
    id: idOf,
    sort: [["time", -1]],
    empty: () => empty("No reports yet", "Each report of the counterparty shows here as it comes."),
    columns: [
      { key: "time", title: "Time", class: "mono time", value: reportTime, text: (report) => clock(reportTime(report)) },
      { key: "id", title: "ClOrdID", class: "mono id", value: (report) => report.clOrdID },
      SIDE,
      { key: "type", title: "Report", class: "type", value: (report) => reportWord(report) },
      { key: "symbol", title: "Symbol", class: "strong", value: (report) => report.symbol },
      { key: "lastQty", title: "Last qty", class: "num", value: (report) => number(report.lastQty), text: (report) => (number(report.lastQty) ? quantity(report.lastQty) : NONE) },
      { key: "lastPx", title: "Last price", class: "num", value: last, text: (report) => (last(report) === null ? NONE : price(last(report), decimalsAmong([report.lastPx], decimalsFor(report.symbol)))) },
      { key: "status", title: "Status", class: "status", value: (report) => codeWord(report.ordStatus) },
      { key: "cum", title: "Filled", class: "num", value: (report) => number(report.cumQty), text: (report) => quantity(report.cumQty ?? 0) },
      { key: "execID", title: "ExecID", class: "mono exec", value: (report) => report.execID ?? NONE },
      { key: "text", title: "Text", class: "words", value: (report) => report.text ?? "" },
    ],
  });
}

export function executionCsv(reports) {
  const names = ["clOrdID", "origClOrdID", "execID", "execType", "ordStatus", "symbol", "side", "qty", "lastQty", "lastPx", "cumQty", "leavesQty", "avgPx", "text"];
  const columns = [["time", (report) => clock(reportTime(report))], ...names.map((name) => [name, (report) => report[name]])];
  return toCsv(columns, reports);
}
