// The phases of a market, and the choice of one for an instrument or for all. It is set by a button: no arrow key closes a market.

import { button, el } from "../dom.js";
import { forget, isSecondPress } from "../twice.js";
import { command } from "./commands.js";

const PHASES = { PRE_OPEN: ["wait", "\u25f7", "Pre-open"], OPEN: ["good", "\u25b6", "Open"], HALT: ["bad", "\u25a0", "Halted"], PRE_CLOSE: ["wait", "\u25f7", "Pre-close"], CLOSE: ["done", "\u00d7", "Closed"] };
/** What one goes on to, in the words of the command line. */
const GO_ON = { PRE_OPEN: "Pre-open", OPEN: "Open", HALT: "Halt", PRE_CLOSE: "Pre-close", CLOSE: "Close" };

/** How a phase is shown: the kind of its pill and its words. */
export function phaseWord(phase) {
  const [kind, glyph, word] = PHASES[phase] ?? ["done", "", String(phase ?? "")];
  return [kind, `${glyph} ${word}`.trim()];
}

/** Goes on to `phase`, of an instrument or, without one, of all. */
export function setPhase(phase, symbol) {
  return command("phase", symbol ? { phase, symbol } : { phase }, `${GO_ON[phase]} ${symbol ?? "all instruments"}`);
}

/** A select and its button. `symbolOf()` names the instrument, or none for all; its `paint(now, isEverywhere, mayWrite)` follows the venue. */
export function phaseChoice(id, label, symbolOf) {
  const select = el("select", { id, "aria-label": label, on: { change: () => { forget(set); paintButton(); } } }, ...Object.entries(GO_ON).map(([value, text]) => el("option", { value, text })));
  const set = button("Set", () => {
    // With the close orders for the day end, which nothing brings back.
    if (select.value === "CLOSE" && !isSecondPress(set, "Day orders end: sure?")) return;
    setPhase(select.value, symbolOf());
  }, { id: `${id}-set` });
  const box = el("span", { class: "phasechoice" }, select, set);
  let shown = {};
  const paintButton = () => {
    set.disabled = !shown.mayWrite || (select.value === shown.now && shown.isEverywhere);
  };
  box.paint = (now, isEverywhere, mayWrite) => {
    const symbol = symbolOf();
    // What somebody chose stays chosen until the market goes on, or another instrument is looked at.
    if (shown.now !== now || shown.symbol !== symbol) {
      forget(set);
      select.value = now ?? "";
    }
    shown = { now, isEverywhere, mayWrite, symbol };
    select.disabled = !mayWrite;
    paintButton();
  };
  return box;
}
