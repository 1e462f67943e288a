// The trades of a market with our own among them.

/** A trade of ours that the market tells of too has a time that is at most so far from ours, in milliseconds. */
const APART = 1500;

/**
 * `own` fills and what the market tells of, newest first. Each trade that the market tells of may be one of ours, which then
 * is shown once; it is of our quantity, where the market says how much.
 */
export function merged(own, told) {
  const others = [...told];
  for (const mine of own) {
    const isIt = (one) => one.price === mine.price && Math.abs(one.time - mine.time) < APART && (one.qty ?? mine.qty) === mine.qty;
    const place = others.findIndex(isIt);
    if (place >= 0) others.splice(place, 1);
  }
  return [...own, ...others].sort((a, b) => b.time - a.time);
}
