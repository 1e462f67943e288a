// What can be done by hand to which order, and how it is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEEDS, aboutOrders, mayBeDone, standing } from "../js/pure/deeds.js";

const may = (order) => Object.keys(DEEDS).filter((name) => DEEDS[name].isOfOrder && mayBeDone(name, order));

test("an order can have done to it what the exchange would do", () => {
  assert.deepEqual(may({ ordStatus: "NEW", waits: null }), ["fill", "stop", "suspend", "cancel"]);
  assert.deepEqual(may({ ordStatus: "STOPPED", suspended: true, waits: null }), ["resume", "cancel"]);
  assert.deepEqual(may({ ordStatus: "PENDING_NEW", waits: "NEW" }), ["accept", "reject"]);
  assert.deepEqual(may({ ordStatus: "PENDING_REPLACE", waits: "REPLACE" }), ["accept", "reject", "fill", "stop", "suspend", "cancel"]);
});

test("how an order stands is said where it does more than work", () => {
  assert.deepEqual([{ waits: "CANCEL", ordStatus: "PENDING_CANCEL" }, { waits: null, ordStatus: "STOPPED", suspended: true }, { ordStatus: "STOPPED" }, { ordStatus: "NEW" }].map(standing), ["Cancel waits", "Suspended", "Stopped", ""]);
});

test("what waits is counted, also when nothing new is held", () => {
  const orders = [{ waits: "NEW" }, { waits: null }, { waits: "REPLACE" }];
  assert.equal(aboutOrders(orders, 0, true), "3 live, 2 have requests that wait");
  assert.equal(aboutOrders(orders, 0, false), "3 live, 2 have requests that wait still: decide them");
  assert.equal(aboutOrders(orders.slice(0, 2), 0, true), "2 live, 1 has a request that waits");
  assert.equal(aboutOrders(orders, 7, true), "the newest 3 of 10 live, of these 2 have requests that wait");
  assert.equal(aboutOrders([], 0, true), "0 live");
});
