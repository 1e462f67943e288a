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
  if (settings.confirm && !isSecondPress(element, "Sure?")) return;
  await askFor(order);
}

const cancelOf = (order) => ({ type: "CANCEL", origClOrdID: order.clOrdID, clOrdID: newId() });

async function askFor(order) {
  answers.delete(order.id);
  try {
    await post("/api/cancels", cancelOf(order));
  } catch (problem) {
    answers.set(order.id, problem.message);
  }
}

/** The most cancels in one request; the engine takes twice as many. */
const AT_ONCE = 500;

/** Asks for the cancel of each: many in one request, each with an answer of its own. */
export async function cancelAll(orders) {
  for (let place = 0; place < orders.length && mayWrite(); place += AT_ONCE) {
    const some = orders.slice(place, place + AT_ONCE);
    for (const order of some) answers.delete(order.id);
    try {
      const said = await post("/api/orders", some.map(cancelOf));
      said.forEach((one, index) => one.error && answers.set(some[index].id, one.error));
    } catch (problem) {
      for (const order of some) answers.set(order.id, problem.message);
    }
  }
}
