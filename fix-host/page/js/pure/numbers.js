// How numbers are written: prices in the instrument's decimals, 32nds, changes, quantities, times and ages.

export const MINUS = "\u2212";
export const NONE = "\u2013";

/** The number in `value`, a number or its text; null where there is none. */
export function number(value) {
  if (value === null || value === undefined || value === "") return null;
  const result = Number(value);
  return Number.isFinite(result) ? result : null;
}

/** How many decimals the steps of `tick` need: 2 for 0.01, 3 for 0.005. */
export function decimalsOf(tick) {
  const text = String(tick ?? "");
  const exponent = /e-(\d+)$/.exec(text);
  if (exponent) return Math.min(9, Number(exponent[1]));
  const point = text.indexOf(".");
  return point < 0 ? 0 : Math.min(9, text.replace(/0+$/, "").length - point - 1);
}

/** The largest number of decimals among `values`, and at least `least`. */
export function decimalsAmong(values, least = 0) {
  return values.reduce((most, value) => (number(value) === null ? most : Math.max(most, decimalsOf(value))), least);
}

export function price(value, decimals) {
  const known = number(value);
  return known === null ? NONE : known.toFixed(decimals).replace("-", MINUS);
}

/** The figure that hardly changes and the digits that do: `96.` and `260`. */
export function bigFigure(text) {
  const point = text.indexOf(".");
  return point < 0 ? ["", text] : [text.slice(0, point + 1), text.slice(point + 1)];
}

/** With its sign, always: `+0.020`, `−0.036`; nothing changed is `0.000`. */
export function signed(value, decimals) {
  const known = number(value);
  if (known === null) return NONE;
  const text = Math.abs(known).toFixed(decimals);
  if (Number(text) === 0) return text;
  return (known > 0 ? "+" : MINUS) + text;
}

/**
 * A price in 32nds and eighths of them, as notes and bonds are quoted: 96-08 and an eighth from 0 to 7, `+` for half.
 * `exact` is false where the price lies between two eighths.
 */
export function thirtySeconds(value) {
  const known = number(value);
  if (known === null || known < 0) return { text: NONE, exact: true };
  const eighths = Math.round(known * 256);
  const whole = Math.floor(eighths / 256);
  const rest = eighths % 256;
  const eighth = rest % 8;
  const text = `${whole}-${String(Math.floor(rest / 8)).padStart(2, "0")}${eighth === 4 ? "+" : eighth}`;
  return { text, exact: Math.abs(known * 256 - eighths) < 1e-9 };
}

/** `96-08`, `96-083` or `96-08+` as a decimal; null where the text is nothing of the kind. */
export function fromThirtySeconds(text) {
  const parts = /^(\d+)-(\d\d)([0-7+])?$/.exec(text.trim());
  if (!parts || Number(parts[2]) > 31) return null;
  const eighth = parts[3] === "+" ? 4 : Number(parts[3] ?? 0);
  return Number(parts[1]) + (Number(parts[2]) * 8 + eighth) / 256;
}

/** With commas between thousands: `5,000`. */
export function quantity(value) {
  const known = number(value);
  if (known === null) return NONE;
  const [whole, part] = String(value).replace(/^-/, "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return (known < 0 ? MINUS : "") + (part && Number(part) ? `${grouped}.${part}` : grouped);
}

const UNITS = [["K", 1e3], ["M", 1e6], ["G", 1e9]];

/** A quantity where there is little room: `100 M` for a hundred million, `250 K`; `99,999` as it is. */
export function shortQuantity(value) {
  const known = number(value);
  if (known === null || Math.abs(known) < 1e5) return quantity(value);
  // 999,960 is 1 M, not 1000 K.
  const [unit, size] = UNITS.find(([, size]) => Math.abs(known) < 999.95 * size) ?? UNITS.at(-1);
  return `${Number((known / size).toFixed(1))} ${unit}`;
}

/** The time of day in UTC, with milliseconds. */
export function clock(milliseconds) {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().slice(11, 23) : NONE;
}

/** The time of day in UTC to the second. */
export function clockSeconds(milliseconds) {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().slice(11, 19) : NONE;
}

/** How long ago: `0.2 s`, `14 s`, `3 min`, `2 h`, `5 d`. */
export function age(milliseconds) {
  if (!Number.isFinite(milliseconds)) return NONE;
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** The price moved by `steps` ticks, on the grid of ticks, as text. */
export function stepped(value, tick, steps, decimals) {
  const size = number(tick) || 10 ** -decimals;
  const ticks = Math.round((number(value) ?? 0) / size) + steps;
  return Math.max(size, ticks * size).toFixed(decimals);
}

/** A time of FIX (20260114-14:32:07.418), of ISO 8601, or in seconds since 1970, in milliseconds. */
export function milliseconds(time) {
  if (time === null || time === undefined) return NaN;
  if (typeof time === "number") return time > 1e11 ? time : time * 1000;
  const fix = /^(\d{4})(\d\d)(\d\d)-(\d\d:\d\d:\d\d(?:\.\d+)?)$/.exec(time);
  if (fix) return Date.parse(`${fix[1]}-${fix[2]}-${fix[3]}T${fix[4].slice(0, 12)}Z`);
  const plain = Number(time);
  return Number.isFinite(plain) ? milliseconds(plain) : Date.parse(time);
}

/** Bytes a second in kB: `1.9 kB/s`. */
export function rate(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB/s`;
}

/** A duration in its best unit: `118 µs`, `1.4 ms`, `2.0 s`, as figure and unit. */
export function duration(microseconds) {
  if (!Number.isFinite(microseconds)) return [NONE, ""];
  if (microseconds < 1000) return [String(Math.round(microseconds)), "\u00b5s"];
  if (microseconds < 1e6) return [(microseconds / 1000).toFixed(microseconds < 1e4 ? 1 : 0), "ms"];
  return [(microseconds / 1e6).toFixed(1), "s"];
}

/** What the end of its class says of a latency: `["\u2264 5.0", "ms"]`; beyond the `longest` class, which has no end, `["> 10.0", "s"]`. */
export function atMost(microseconds, longest) {
  const [figure, unit] = duration(microseconds ?? longest);
  return [`${microseconds === null ? ">" : "\u2264"} ${figure}`, unit];
}

/** Bytes in their best unit: `18 MB`. */
export function bytes(count) {
  const known = number(count);
  if (known === null) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = known;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
