import assert from "node:assert/strict";
import { test } from "node:test";
import { merged } from "../js/pure/prints.js";

const shown = (trades) => trades.map((one) => `${one.time} ${one.price}x${one.qty ?? "?"}${one.side ? ` ${one.side}` : ""}`);

test("a trade of ours that the market tells of is shown once, and one like it of others stays", () => {
  const own = [{ time: 5000, price: 10, qty: 3, side: "BUY" }];
  const told = [{ time: 6000, price: 10, qty: 3 }, { time: 5200, price: 10, qty: 3 }, { time: 5100, price: 10, qty: 4 }, { time: 5000, price: 11, qty: 3 }];
  assert.deepEqual(shown(merged(own, told)), ["5200 10x3", "5100 10x4", "5000 10x3 BUY", "5000 11x3"]);
});

test("a market that tells of prices alone tells of ours by the price", () => {
  const own = [{ time: 5000, price: 10, qty: 3, side: "SELL" }];
  assert.deepEqual(shown(merged(own, [{ time: 5400, price: 10 }, { time: 1000, price: 10 }])), ["5000 10x3 SELL", "1000 10x?"]);
});
