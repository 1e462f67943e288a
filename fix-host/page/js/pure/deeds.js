// What a person can do as the venue, what a desk is told of it, and to which orders it can be done.

const isNew = (order) => order.waits === "NEW";
const isInBook = (order) => !isNew(order) && !order.suspended;

/** By their names below /api/exchange: the word of the button, what it means, and which orders it is for. */
export const DEEDS = {
  accept: { word: "Accept", means: "the oldest request that waits", isOfOrder: true, may: (order) => Boolean(order.waits) },
  reject: { word: "Reject", means: "the oldest request that waits", isOfOrder: true, may: (order) => Boolean(order.waits) },
  fill: { word: "Fill", means: "all or a part (150=F)", isOfOrder: true, may: isInBook },
  stop: { word: "Stop", means: "its price is guaranteed (150=7)", isOfOrder: true, may: isInBook },
  suspend: { word: "Suspend", means: "out of its book (150=9)", isOfOrder: true, may: isInBook },
  resume: { word: "Resume", means: "into its book again (150=D)", isOfOrder: true, may: (order) => order.suspended },
  cancel: { word: "Cancel", means: "unasked (150=4)", isOfOrder: true, may: (order) => !isNew(order) },
  correct: { word: "Correct", means: "its quantity and price (150=G)" },
};

export const mayBeDone = (name, order) => DEEDS[name].may(order);

/** How an order stands, where that is more than that it works: a request that waits comes first. */
export function standing(order) {
  if (order.waits) return `${word(order.waits)} waits`;
  if (order.suspended) return "Suspended";
  return order.ordStatus === "STOPPED" ? "Stopped" : "";
}

const word = (name) => name[0] + name.slice(1).toLowerCase();

/** How many orders stand here and how many requests wait; `isHeld`: requests are held from now on. */
export function aboutOrders(orders, leftOut, isHeld) {
  const waiting = orders.filter((order) => order.waits).length;
  const live = leftOut ? `the newest ${orders.length} of ${orders.length + leftOut} live` : `${orders.length} live`;
  if (!waiting) return live;
  const requests = `${leftOut ? "of these " : ""}${waiting} ${waiting === 1 ? "has a request that waits" : "have requests that wait"}`;
  return `${live}, ${requests}${isHeld ? "" : " still: decide them"}`;
}
