// The language of the filter fields: words, `key:value`, `/regular expression/`; all must hold. `-word` must not.

/** Reads `text`. `keys` are the names that may stand before a colon. An error says what is wrong in words. */
export function parseFilter(text, keys) {
  const terms = [];
  for (const part of text.match(/-?\/(?:\\.|[^/\\])*\/|"[^"]*"|\S+/g) ?? []) {
    const term = parseTerm(part, keys);
    if (term.error) return { terms: [], error: term.error };
    terms.push(term);
  }
  return { terms, error: null };
}

function parseTerm(part, keys) {
  const not = part.length > 1 && part.startsWith("-");
  const rest = not ? part.slice(1) : part;
  if (rest.length > 2 && rest.startsWith("/") && rest.endsWith("/")) {
    try {
      return { not, regex: new RegExp(rest.slice(1, -1), "i") };
    } catch (problem) {
      return { error: `${rest} is no regular expression: ${String(problem.message).split(": ").pop()}` };
    }
  }
  const colon = rest.indexOf(":");
  const key = rest.slice(0, colon).toLowerCase();
  if (colon > 0 && keys.includes(key)) return { not, key, value: rest.slice(colon + 1).toLowerCase() };
  return { not, word: rest.replace(/^"|"$/g, "").toLowerCase() };
}

/** Whether a row is let through; `of(row)` gives its texts by key. */
export function passes(filter, texts) {
  return filter.terms.every((term) => holds(term, texts) !== term.not);
}

function holds(term, texts) {
  if (term.key) return normal(texts[term.key]).includes(term.value);
  const all = Object.values(texts).map((text) => String(text ?? ""));
  if (term.regex) return all.some((text) => term.regex.test(text));
  return all.some((text) => normal(text).includes(term.word));
}

function normal(text) {
  return String(text ?? "").toLowerCase();
}
