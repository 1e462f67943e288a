// Cancels: of one order, and of all that work.

import { post } from "../api.js";
import { isLive, isReadOnly } from "../store.js";
import { isSecondPress } from "../twice.js";
import { newId, settings } from "./draft.js";

/** What was last said about a cancel, by the first id of the order's chain: it stands in the row. */
export const answers = new Map();

export const mayWrite = () => isLive() && !isReadOnly();

/** Asks for the cancel of `order`. `element` is its button, which wants a second press unless the user left that out. */
export async function cancel(order, element) {
  if (!mayWrite() || !order.working) return;
  if (settings.confirm && !isSecondPress(element, "Cancel: sure?")) return;
  await askFor(order);
}

async function askFor(order) {
  answers.delete(order.id);
  try {
    await post("/api/cancels", { type: "CANCEL", origClOrdID: order.clOrdID, clOrdID: newId() });
  } catch (problem) {
    answers.set(order.id, problem.message);
  }
}

/** Asks for the cancel of each; one after the other, as the session would send them anyway. */
export async function cancelAll(orders) {
  for (const order of orders) if (mayWrite() && order.working) await askFor(order);
}
