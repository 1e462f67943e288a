// Which rows of a long table are drawn, and in which order they stand.

/** Compares texts as people do: `W-9` before `W-10`. Made once: it is costly to make. */
export const natural = new Intl.Collator("en", { numeric: true }).compare;

/** The rows to draw: those in view and `extra` on either side. */
export function visibleRange(scrollTop, height, rowHeight, count, extra = 8) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - extra);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + extra);
  return [Math.min(first, last), last];
}

/** Where to scroll so that row `index` is in view; null where it is already. */
export function scrollTo(index, scrollTop, height, rowHeight) {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return null;
}

/**
 * Sorted by `keys` of [name, 1 or -1]; equal ones by their ids, the way of the first key, or else by the order in which they
 * came. `valueOf(row, name)`, `idOf(row)`.
 */
export function sorted(rows, keys, valueOf, idOf = () => null) {
  return rows
    .map((row, place) => ({ row, place }))
    .sort((a, b) => {
      for (const [name, direction] of keys) {
        const order = compare(valueOf(a.row, name), valueOf(b.row, name), direction);
        if (order) return order;
      }
      return compare(idOf(a.row), idOf(b.row), keys[0]?.[1] ?? 1) || a.place - b.place;
    })
    .map(({ row }) => row);
}

/** What is missing stands last, whichever way the others go. */
function compare(a, b, direction) {
  const missing = (value) => value === null || value === undefined || Number.isNaN(value);
  if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
  if (typeof a === "number" && typeof b === "number") return (a - b) * direction;
  return natural(String(a), String(b)) * direction;
}

/** The sort keys after a click on the head of `name`: it alone, or a second one with Shift; again turns it. */
export function nextSort(keys, name, isSecond) {
  const old = keys.find(([key]) => key === name);
  const turned = [name, old ? -old[1] : 1];
  if (!isSecond) return [turned];
  return old ? keys.map((key) => (key[0] === name ? turned : key)) : [...keys, turned].slice(-2);
}
