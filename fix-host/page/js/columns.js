// Columns that several tables have.

import { setClass, setText } from "./dom.js";
import { NONE } from "./pure/numbers.js";

/** The column that says BUY or SELL, in its colour. */
export const SIDE = {
  key: "side",
  title: "Side",
  class: "side",
  value: (row) => row.side,
  paint(cell, { side }) {
    setText(cell, side ?? NONE);
    setClass(cell, `td side ${{ BUY: "up", SELL: "down" }[side] ?? ""}`);
  },
};
