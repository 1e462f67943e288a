// What keys, buttons and the palette can ask for, by name. A view offers its own; what is offered for all views comes last.

import { chosen } from "./store.js";

const offered = new Map([["all", new Map()]]);

/** Offers actions of a view, or of "all". */
export function offer(view, actions) {
  const own = offered.get(view) ?? new Map();
  for (const [name, run] of Object.entries(actions)) own.set(name, run);
  offered.set(view, own);
}

/** Does `name` as the shown view does it; false where nothing does. */
export function act(name, ...details) {
  const run = offered.get(chosen.view)?.get(name) ?? offered.get("all").get(name);
  if (!run) return false;
  run(...details);
  return true;
}
