// What is drawn over the price lines: the last bid and ask at the axis, working orders, and fills.

import { reportTime, tradesOf } from "../pure/chains.js";
import { number, price, quantity } from "../pure/numbers.js";
import { chosen, state } from "../store.js";

/** Of so many fills each says what it was. */
const MOST_WORDS = 12;

/** Draws onto the plot's canvas, in its own pixels. */
export function drawMarks(plot, paint, decimals) {
  const context = plot.ctx;
  const scale = devicePixelRatio;
  context.save();
  context.font = `500 ${11 * scale}px ${paint.font}`;
  context.textBaseline = "middle";
  drawOrders(plot, context, scale, paint, decimals);
  drawFills(plot, context, scale, paint);
  const last = plot.data[0].length - 1;
  if (last >= 0) {
    tag(plot, context, scale, plot.data[2][last], paint.ask, paint.panel, decimals, -1);
    tag(plot, context, scale, plot.data[1][last], paint.bid, paint.panel, decimals, 1);
  }
  context.restore();
}

/** The price in a box at the axis; two that would cover each other stand apart. */
function tag(plot, context, scale, value, colour, ink, decimals, way) {
  const { top, left, width, height } = plot.bbox;
  let y = plot.valToPos(value, "y", true);
  const apart = plot.valToPos((plot.data[1].at(-1) + plot.data[2].at(-1)) / 2, "y", true) + way * 9 * scale;
  y = way > 0 ? Math.max(y, apart) : Math.min(y, apart);
  y = Math.max(top + 8 * scale, Math.min(top + height - 8 * scale, y));
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(left + width + 2 * scale, y - 8 * scale, 56 * scale, 16 * scale, 2 * scale);
  context.fill();
  context.fillStyle = ink;
  context.textAlign = "left";
  context.fillText(price(value, decimals), left + width + 8 * scale, y + scale);
}

function drawOrders(plot, context, scale, paint, decimals) {
  const { left, width } = plot.bbox;
  for (const { side, limit, qty, count } of workingLevels()) {
    const y = plot.valToPos(limit, "y", true);
    if (y < plot.bbox.top || y > plot.bbox.top + plot.bbox.height) continue;
    const colour = side === "BUY" ? paint.bid : paint.ask;
    context.strokeStyle = colour;
    context.lineWidth = scale;
    context.setLineDash([5 * scale, 4 * scale]);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
    context.setLineDash([]);
    const text = `${side} ${quantity(qty)} working ${price(limit, decimals)}${count > 1 ? `, ${count} orders` : ""}`;
    const wide = context.measureText(text).width + 12 * scale;
    context.fillStyle = paint.panel;
    context.fillRect(left + 6 * scale, y - 9 * scale, wide, 18 * scale);
    context.strokeRect(left + 6 * scale, y - 9 * scale, wide, 18 * scale);
    context.fillStyle = paint.mid;
    context.textAlign = "left";
    context.fillText(text, left + 12 * scale, y + scale);
  }
}

/** What of ours works at each price of the chosen symbol. */
function workingLevels() {
  const levels = new Map();
  for (const order of state.orders.values()) {
    const limit = number(order.price) ?? number(order.stopPx);
    if (!order.working || order.symbol !== chosen.symbol || limit === null || order.state === "REPLACED") continue;
    const level = levels.get(`${order.side} ${limit}`) ?? { side: order.side, limit, qty: 0, count: 0 };
    level.qty += number(order.leavesQty) ?? number(order.qty) ?? 0;
    level.count += 1;
    levels.set(`${order.side} ${limit}`, level);
  }
  return levels.values();
}

function drawFills(plot, context, scale, paint) {
  const { left, top, width, height } = plot.bbox;
  const fills = [];
  for (const { report, price: at, qty, isBusted } of tradesOf(state.executions)) {
    if (report.symbol !== chosen.symbol || isBusted) continue;
    const x = plot.valToPos(reportTime(report) / 1000, "x", true);
    const y = plot.valToPos(at, "y", true);
    if (!(x > left && x < left + width && y > top && y < top + height)) continue;
    fills.push({ x, y, qty, isBuy: report.side === "BUY" });
  }
  const written = [];
  for (const { x, y, qty, isBuy } of fills) {
    const size = 5 * scale * (isBuy ? 1 : -1);
    context.fillStyle = isBuy ? paint.bid : paint.ask;
    context.beginPath();
    context.moveTo(x, y - size);
    context.lineTo(x - 5 * scale, y + size);
    context.lineTo(x + 5 * scale, y + size);
    context.fill();
    // Words where they can be read.
    const isCovered = written.some((one) => Math.abs(one.x - x) < 56 * scale && Math.abs(one.y - y) < 12 * scale);
    if (fills.length > MOST_WORDS || isCovered) continue;
    written.push({ x, y });
    const isLeft = x > left + width * 0.85;
    context.textAlign = isLeft ? "right" : "left";
    const words = [`${isBuy ? "BUY" : "SELL"} ${quantity(qty)}`, x + (isLeft ? -8 : 8) * scale, y];
    context.strokeStyle = paint.panel;
    context.lineWidth = 4 * scale;
    context.strokeText(...words);
    context.fillText(...words);
  }
}
