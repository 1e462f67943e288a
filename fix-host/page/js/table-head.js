// The heads of a table: each but a fixed one is a button that sorts by its column, with Shift as a second key.

import { el } from "./dom.js";

export class TableHead {
  /** `onSort(key, isSecond)` is told of a press. */
  constructor(columns, onSort) {
    this.cells = new Map();
    for (const { key, title, isFixed, class: name } of columns) {
      const sort = () => el("button", { type: "button", text: title, tabindex: "-1", on: { click: (event) => onSort(key, event.shiftKey) } });
      this.cells.set(key, el("div", { class: `th ${name ?? ""}`, role: "columnheader" }, isFixed || !title ? title ?? "" : sort()));
    }
    this.element = el("div", { class: "thead", role: "row" }, ...this.cells.values());
  }

  /** Says by what is sorted, and which way. */
  paint(sort) {
    for (const [key, cell] of this.cells) {
      const at = sort.findIndex(([name]) => name === key);
      cell.setAttribute("aria-sort", at < 0 ? "none" : sort[at][1] > 0 ? "ascending" : "descending");
    }
  }
}
