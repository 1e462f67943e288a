// Values in classes that grow by a factor, as bars of a histogram.

/** [lower bound, count] of `count` classes from `low` to `high`, on a logarithmic scale; what is outside stands at an end. */
export function histogram(values, low, high, count) {
  const step = Math.log(high / low) / count;
  const bars = Array.from({ length: count }, (_, place) => [low * Math.exp(place * step), 0]);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const place = Math.floor(Math.log(Math.max(value, low) / low) / step);
    bars[Math.min(count - 1, Math.max(0, place))][1] += 1;
  }
  return bars;
}

/** Where `value` stands between `low` and `high` on the same scale, from 0 to 1. */
export function placeOf(value, low, high) {
  return Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / Math.log(high / low)));
}
