// Histograms and curves as SVG: few shapes, drawn anew once a second.

import { svg } from "../dom.js";
import { histogram, placeOf } from "../pure/histogram.js";

/** Room for the labels below. */
const FOOT = 28;

/** Width, height and base line of a drawing that fills `host`. */
function sizeOf(host) {
  const [width, height] = [Math.max(200, host.clientWidth), Math.max(120, host.clientHeight)];
  return { width, height, base: height - FOOT, room: height - FOOT - 56 };
}

function frame(host, { width, height }, ...shapes) {
  host.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...shapes));
}

/** Bars of `values` from `low` to `high`; `marks` are [value, words, class], `labels` are [value, words]. */
export function drawHistogram(host, values, low, high, labels, marks) {
  const size = sizeOf(host);
  const { width, height, base, room } = size;
  const bars = histogram(values, low, high, 48);
  const most = Math.max(1, ...bars.map(([, count]) => count));
  const wide = (width - 20) / bars.length;
  const x = (value) => 10 + placeOf(value, low, high) * (width - 20);
  frame(host, size,
    ...bars.map(([, count], place) => svg("rect", { class: "bar", x: 10 + place * wide, width: wide - 1.2, y: base - (room * count) / most, height: (room * count) / most })),
    svg("line", { class: "gridline", x1: 0, x2: width, y1: base, y2: base }),
    ...labels.map(([value, words]) => svg("text", { x: x(value), y: height - 10, "text-anchor": value === low ? "start" : value === high ? "end" : "middle", text: words })),
    ...marks.filter(([value]) => Number.isFinite(value)).flatMap(([value, words, name], place) => [
      svg("line", { class: name, x1: x(value), x2: x(value), y1: 12 + place * 16, y2: base }),
      svg("text", { x: x(value) + (x(value) > width * 0.75 ? -4 : 4), y: 20 + place * 16, "text-anchor": x(value) > width * 0.75 ? "end" : "start", text: words }),
    ]));
}

/** A curve of `values`, the newest at the right; `most` says how many fit. */
export function drawCurve(host, values, most, words) {
  const size = sizeOf(host);
  const { width, height, base } = size;
  const high = niceCeiling(Math.max(4, ...values));
  const x = (place) => width - 50 - ((values.length - 1 - place) * (width - 60)) / (most - 1);
  const y = (value) => base - ((base - 16) * value) / high;
  const path = values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)},${y(value).toFixed(1)}`).join("");
  frame(host, size,
    ...[0, high / 2, high].flatMap((value) => [
      svg("line", { class: "gridline", x1: 10, x2: width - 50, y1: y(value), y2: y(value) }),
      svg("text", { x: width - 44, y: y(value) + 4, text: value.toLocaleString("en") }),
    ]),
    svg("path", { class: "curve", d: path }),
    svg("text", { x: 10, y: height - 10, text: words }));
}

function niceCeiling(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 10].map((times) => times * size).find((one) => one >= value) ?? value;
}
