// A table of any length: only the rows in view are in the page. It is a grid for assistive technology, one row can be
// chosen, and rows keep their element while they are in view, so that focus and hover stay where they are.

import { el, putInOrder, sayWhole, setClass, setText } from "./dom.js";
import { nextSort, scrollTo, sorted, visibleRange } from "./pure/rows.js";
import { Scroll } from "./pure/scroll.js";
import { TableHead } from "./table-head.js";
import { forget } from "./twice.js";

/**
 * `columns`: { key, title, class, value(row), text(row), paint(cell, row), isFixed }. `id(row)` is stable. Options:
 * rowHeight, label, rowClass(row), onChoose(row), onOpen(row), empty() -> element or null, roomBelow: how much higher the chosen row is.
 */
export class Table {
  constructor(host, options) {
    this.options = { rowHeight: 24, roomBelow: 0, rowClass: () => "", ...options };
    this.columns = new Map(options.columns.map((column) => [column.key, column]));
    this.sort = options.sort ?? [];
    this.rows = [];
    this.shown = new Map();
    this.free = [];
    this.chosen = null;
    /** How far it is scrolled: asked of the page for each painting it would cost a layout each time. */
    this.scroll = new Scroll();
    this.build(host);
  }

  build(host) {
    this.head = new TableHead(this.options.columns, (key, isSecond) => {
      this.sort = nextSort(this.sort, key, isSecond);
      this.head.paint(this.sort);
      this.setRows(this.given ?? []);
    });
    this.body = el("div", { class: "tbody", role: "rowgroup" });
    this.spacer = el("div", { class: "spacer", role: "presentation" });
    this.body.append(this.spacer);
    this.nothing = el("div", { class: "nothing", role: "presentation" });
    this.scroller = el("div", { class: "scroller", role: "presentation" }, this.body, this.nothing);
    this.grid = el(
      "div",
      { class: `grid ${this.options.class ?? ""}`, role: "grid", "aria-label": this.options.label },
      el("div", { class: "theadbox", role: "rowgroup" }, this.head.element),
      this.scroller,
    );
    this.scroller.addEventListener("scroll", () => {
      this.scroll.moved(this.scroller.scrollTop);
      this.paint();
      // Not while it is still being scrolled: that would stop it.
      clearTimeout(this.resting);
      if (this.scroll.isLong) this.resting = setTimeout(() => this.rest(), 150);
    }, { passive: true });
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("dblclick", (event) => this.withRow(event, (row) => this.options.onOpen?.(row)));
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("pointerover", ({ target }) => sayWhole(target));
    new ResizeObserver(([entry]) => {
      this.scroll.height = entry.contentRect.height;
      this.paint();
    }).observe(this.scroller);
    host.append(this.grid);
    this.head.paint(this.sort);
  }

  /** How far the rows are scrolled, and how much of them is in view. */
  get top() {
    return this.scroll.top;
  }

  get height() {
    return this.scroll.height;
  }

  /** Shows these rows, in its own order if the user chose one. */
  setRows(rows) {
    this.given = rows;
    const valueOf = (row, name) => this.columns.get(name)?.value?.(row);
    this.rows = this.sort.length ? sorted(rows, this.sort, valueOf, this.options.id) : rows;
    // Of rows that are made as they come into view, they themselves know the places.
    this.place = rows.placeOf ? { get: (id) => rows.placeOf(id) } : new Map(this.rows.map((row, index) => [this.options.id(row), index]));
    this.grid.setAttribute("aria-rowcount", String(this.rows.length + 1));
    this.paintNothing();
    this.paint();
  }

  paintNothing() {
    const words = this.rows.length ? null : this.options.empty?.();
    const key = words?.textContent ?? "";
    if (this.nothingKey === key) return;
    this.nothingKey = key;
    this.nothing.replaceChildren(...(words ? [words] : []));
  }

  /** Draws the rows in view. */
  paint() {
    const { rowHeight, id } = this.options;
    this.chosenAt = this.place?.get(this.chosen) ?? Infinity;
    const total = this.rows.length * rowHeight + (this.chosenAt === Infinity ? 0 : this.options.roomBelow);
    if (this.scroll.total !== total) this.setTotal(total);
    const [first, last] = visibleRange(this.top, this.height, rowHeight, this.rows.length);
    const wanted = new Set();
    for (let index = first; index < last; index += 1) wanted.add(id(this.rows.at(index)));
    for (const [key, element] of this.shown) {
      if (wanted.has(key)) continue;
      this.shown.delete(key);
      // The focus of a row that leaves the view goes to the table, not to the page's beginning.
      if (element.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      element.remove();
      this.free.push(element);
    }
    putInOrder(this.spacer, Array.from({ length: last - first }, (_, place) => this.paintRow(first + place)));
    if (!this.hasTabStop()) this.setTabStop(first);
  }

  /** A long table was scrolled: the bar goes to where its rows are. If it has been moved since, that is told next. */
  rest() {
    if (this.scroller.scrollTop !== this.scroll.at) return;
    this.scrollTo(this.top);
    this.paint();
  }

  setTotal(total) {
    const wasLong = this.scroll.isLong;
    this.scroll.total = total;
    this.spacer.style.height = `${this.scroll.length}px`;
    if (wasLong || this.scroll.isLong) this.scrollTo(Math.min(this.top, Math.max(0, total - this.height)));
  }

  paintRow(index) {
    const row = this.rows.at(index);
    const key = this.options.id(row);
    let element = this.shown.get(key);
    if (!element) {
      element = this.free.pop() ?? this.newRow();
      // What a button was about to do, it was about to do to the row that had this element before.
      for (const one of element.querySelectorAll("button")) forget(one);
      element.rowId = key;
      element.tabIndex = -1;
      this.shown.set(key, element);
      this.body.append(element);
    }
    const top = index * this.options.rowHeight + (index > this.chosenAt ? this.options.roomBelow : 0) - this.scroll.shift;
    if (element.top !== top) {
      element.top = top;
      element.style.transform = `translateY(${top}px)`;
    }
    if (element.at !== index) element.setAttribute("aria-rowindex", String((element.at = index) + 2));
    const isChosen = key === this.chosen;
    setClass(element, `tr ${this.options.rowClass(row)}${isChosen ? " chosen" : ""}`);
    if (element.isChosen !== isChosen) element.setAttribute("aria-selected", String((element.isChosen = isChosen)));
    let place = 0;
    for (const column of this.options.columns) {
      const cell = element.cells[place];
      place += 1;
      if (column.paint) column.paint(cell, row, element);
      else setText(cell, column.text ? column.text(row) : String(column.value(row) ?? ""));
    }
    return element;
  }

  newRow() {
    const cells = this.options.columns.map((column) => el("div", { class: `td ${column.class ?? ""}`, role: "gridcell" }));
    const element = el("div", { class: "tr", role: "row" }, ...cells);
    element.cells = cells;
    return element;
  }

  hasTabStop() {
    for (const element of this.shown.values()) if (element.tabIndex === 0) return true;
    return false;
  }

  setTabStop(index) {
    const key = index < this.rows.length ? this.options.id(this.rows.at(index)) : undefined;
    for (const [one, element] of this.shown) element.tabIndex = one === key ? 0 : -1;
  }

  rowOf(target) {
    const element = target.closest?.(".tr");
    const index = element && this.place?.get(element.rowId);
    return index === undefined ? null : this.rows.at(index);
  }

  withRow(event, run) {
    const row = this.rowOf(event.target);
    if (row) run(row);
  }

  clicked(event) {
    this.withRow(event, (row) => {
      const isButton = event.target.closest("button");
      const isAgain = this.chosen === this.options.id(row) && !isButton;
      // First: to choose paints, and what was clicked at is what stood there.
      if (!isButton) this.options.onClick?.(row, event);
      this.choose(isAgain && this.options.letsGo?.() ? null : this.options.id(row));
    });
  }

  pressed(event) {
    const row = this.rowOf(event.target);
    if (!row || !event.target.classList.contains("tr")) return;
    const index = this.place.get(this.options.id(row));
    const page = Math.max(1, Math.floor(this.height / this.options.rowHeight) - 1);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: Infinity };
    if (event.key === "Enter") this.options.onOpen?.(row);
    else if (event.key in to) this.focusRow(to[event.key]);
    else return;
    event.preventDefault();
  }

  /** The row that is chosen, or null. */
  chosenRow() {
    const index = this.place?.get(this.chosen);
    return index === undefined ? null : this.rows.at(index);
  }

  choose(key) {
    if (this.chosen === key) return;
    this.chosen = key;
    this.paint();
    const row = this.chosenRow();
    this.setTabStop(this.place?.get(key) ?? 0);
    if (row && this.options.roomBelow) this.shown.get(key)?.scrollIntoView({ block: "nearest" });
    if (row) this.options.onChoose?.(row);
  }

  /** Moves choice and focus by `by` rows. */
  step(by) {
    const at = this.place?.get(this.chosen);
    this.focusRow(at === undefined ? 0 : at + by);
  }

  scrollTo(top) {
    this.scroller.scrollTop = this.scroll.atFor(top);
    // It goes no further than to its end.
    this.scroll.at = this.scroller.scrollTop;
    this.scroll.top = this.scroll.isLong ? Math.max(0, Math.min(top, this.scroll.total - this.height)) : this.scroll.at;
  }

  focusRow(wanted) {
    if (!this.rows.length) return;
    const index = Math.max(0, Math.min(this.rows.length - 1, wanted));
    const { rowHeight, id } = this.options;
    const top = scrollTo(index, this.top, this.height, rowHeight);
    if (top !== null) this.scrollTo(top);
    this.paint();
    this.choose(id(this.rows.at(index)));
    this.shown.get(id(this.rows.at(index)))?.focus({ preventScroll: true });
  }
}
