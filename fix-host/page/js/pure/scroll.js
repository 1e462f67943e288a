// How far a table is scrolled. A browser lays out no element of more than some 17 to 33 million pixels, fewer than the rows of a
// large log take: what is longer is scrolled through on a shorter way. On it a small step moves the rows by as much, and a jump, as
// with the bar, goes to the same share of the whole.

/** The longest way, in pixels: every browser has room for it, and places rows on it to the pixel. */
export const LONGEST = 8_000_000;
/** A step of more screens than these is a jump. */
const JUMP = 4;

export class Scroll {
  constructor() {
    /** What all rows take, and what of them is in view. */
    this.total = 0;
    this.height = 0;
    /** How far the rows are scrolled, and how far the browser's element is. */
    this.top = 0;
    this.at = 0;
  }

  get isLong() {
    return this.total > LONGEST;
  }

  /** The length of the element that the browser scrolls. */
  get length() {
    return Math.min(this.total, LONGEST);
  }

  /** How much higher than its place among all rows a row is drawn. */
  get shift() {
    return this.top - this.at;
  }

  /** The browser has scrolled its element. */
  moved(at) {
    const by = at - this.at;
    this.at = at;
    if (!this.isLong) this.top = at;
    else if (Math.abs(by) > JUMP * this.height) this.top = this.most() * Math.min(1, at / (LONGEST - this.height));
    else this.top = Math.max(0, Math.min(this.most(), this.top + by));
  }

  /** Where the browser's element is to be for rows that are scrolled so far: at the same share of its way. */
  atFor(top) {
    if (!this.isLong) return top;
    return Math.round((Math.max(0, Math.min(this.most(), top)) / this.most()) * (LONGEST - this.height));
  }

  most() {
    return Math.max(1, this.total - this.height);
  }
}
