// Two lanes: what we sent left, what the counterparty sent right, and between them what the engine decided.

import { el, empty, setClass, setText, setTitle } from "../dom.js";
import { clock, clockSeconds, milliseconds } from "../pure/numbers.js";
import { Table } from "../table.js";
import { summaryOf } from "./summary.js";

const isPhone = matchMedia("(max-width: 767px)");
let numbers = 0;
/** A name for each message that stays while it is known. */
const idOf = (message) => (message.id ??= `m${(numbers += 1)}`);

export class Lanes {
  constructor(host, { onChoose, empty: nothing }) {
    this.table = new Table(host, {
      label: "Messages",
      class: "messagerows",
      rowHeight: 44,
      id: idOf,
      onChoose,
      empty: () => empty(...nothing()),
      columns: [
        { key: "time", title: "Time", class: "mono dim", isFixed: true, text: (message) => timeOf(message) },
        { key: "out", title: "We sent", isFixed: true, paint: (cell, message) => paintCard(cell, message, message.direction === "out") },
        { key: "decision", title: "What the engine says", class: "decision", isFixed: true, paint: paintDecision },
        { key: "in", title: "They sent", isFixed: true, paint: (cell, message) => paintCard(cell, message, message.direction === "in") },
      ],
    });
  }

  /** Shows messages, oldest first; follows the newest while the end is in view. */
  show(messages, isFollowing) {
    const isAtEnd = this.count === undefined || this.table.top + this.table.height >= this.count * 44 - 60;
    this.table.setRows(messages);
    this.count = messages.length;
    if (isFollowing && isAtEnd && !this.table.chosenRow()) this.table.scrollTo(this.count * 44);
    this.table.paint();
  }

  /** Whose lanes they are: ours and the counterparty's, or of a log those of `sender` and of all others, or of two parties. */
  name(sender, parties) {
    const others = parties ? `${parties.find((party) => party !== sender) ?? sender} sent` : "Others sent";
    const [out, into] = sender === undefined ? ["We sent", "They sent"] : [sender === null ? "Sent" : `${sender} sent`, others];
    setText(this.table.head.cells.get("out"), out);
    setText(this.table.head.cells.get("in"), into);
  }

  first() {
    this.table.focusRow(0);
  }

  step(by) {
    if (this.table.chosenRow()) this.table.step(by);
    else this.table.focusRow(Infinity);
  }

  chosen() {
    return this.table.chosenRow();
  }
}

function timeOf(message) {
  if (!message.time) return message.line ? `line ${message.line}` : "";
  return (isPhone.matches ? clockSeconds : clock)(milliseconds(message.time));
}

function paintCard(cell, message, isHere) {
  if (!cell.card) {
    cell.parts = ["kind", "name", "seq", "sum"].map((name) => el("span", { class: name }));
    cell.card = el("div", { class: "card" }, ...cell.parts);
    cell.append(cell.card);
  }
  cell.card.hidden = !isHere;
  if (!isHere) return;
  const { type, name, seq, words, kind } = summaryOf(message);
  [type, name, seq, words].forEach((text, place) => setText(cell.parts[place], text));
  setClass(cell.card, `card ${message.kind ?? kind} ${message.isMarked ? "marked" : ""}`);
}

function paintDecision(cell, message) {
  if (!cell.parts) {
    cell.parts = [el("span", { class: "arrow", "aria-hidden": "true" }), el("span")];
    cell.append(...cell.parts);
  }
  setText(cell.parts[0], { out: "\u27f6", in: "\u27f5" }[message.direction] ?? "");
  // What nobody says to have sent stands between the lanes, and what was decided without a message.
  const isAlone = !message.direction;
  const note = isAlone && message.raw !== undefined ? [summaryOf(message).name, message.note].filter(Boolean).join(": ") : message.note ?? "";
  setText(cell.parts[1], note);
  setClass(cell, `td decision ${isAlone ? "alone" : ""}`);
  const grave = /refus|reject|garbled|too low|invalid/i.test(message.note ?? "");
  const odd = /gap|resend|too high|poss/i.test(message.note ?? "");
  setClass(cell.parts[1], grave ? "bad" : odd ? "warn" : "");
  setTitle(cell, note);
}
