// Figures, their goals, and whether they are met: a line of Markdown for each.

const rows = [];

/** A figure; `most` is what it may be at most, or `least` at least, if there is a goal. */
export function add(figure, value, unit, most, least) {
  const isKnown = Number.isFinite(value);
  const measured = isKnown ? `${number(value)} ${unit}`.trim() : "not measured";
  const goal = most !== undefined ? `<= ${number(most)}` : least !== undefined ? `>= ${number(least)}` : "";
  const isMet = isKnown && value <= (most ?? Infinity) && value >= (least ?? -Infinity);
  const verdict = goal && (isMet ? "ok" : "MISSED");
  rows.push([figure, measured, goal, verdict]);
  console.log(`${figure}: ${measured}${verdict && `, goal ${rows.at(-1)[2]}: ${verdict}`}`);
}

/** The figures that are past their goals, or could not be measured. */
export const missed = () => rows.filter(([, , , verdict]) => verdict === "MISSED").map(([figure, measured, goal]) => `${figure.trim()}: ${measured}, goal ${goal}`);

export function print() {
  const line = ([figure, measured, goal, verdict]) => `| ${figure.padEnd(66)} | ${measured.padStart(18)} | ${goal.padStart(9)} | ${verdict.padEnd(6)} |`;
  console.log(["", line(["figure", "measured", "goal", ""]), `|${"-".repeat(68)}|${"-".repeat(19)}:|${"-".repeat(10)}:|${"-".repeat(8)}|`, ...rows.map(line)].join("\n"));
}

function number(value) {
  if (Number.isInteger(value) || value >= 1000) return value.toFixed(0);
  return value.toFixed(value >= 100 ? 1 : 2);
}

/** The value below which the part `share` of `values` lies; NaN of none. */
export function percentile(values, share) {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? NaN;
}

export const median = (values) => percentile(values, 0.5);
