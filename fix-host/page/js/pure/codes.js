// Codes of FIX in words.

export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/** What a field's code means, from its name in the dictionary: `NewOrderSingle`, `Partially filled`; null where it has none. */
export function meaningWords(tag, meaning) {
  if (!meaning) return null;
  if (!/^[A-Z0-9_]+$/.test(meaning)) return meaning;
  const words = meaning.toLowerCase().split("_");
  return tag === 35 ? words.map(capital).join("") : capital(words.join(" "));
}

const EXEC_TYPES = {
  0: "new", 1: "partial fill", 2: "fill", 3: "done for the day", 4: "canceled", 5: "replaced", 6: "pending cancel", 7: "stopped",
  8: "rejected", 9: "suspended", A: "pending new", B: "calculated", C: "expired", D: "restated", E: "pending replace",
  F: "trade", G: "trade correct", H: "trade cancel", I: "order status",
};

/** ExecType(150) or OrdStatus(39) in words, and what another message than a report is. */
export function codeWord(code) {
  const text = String(code ?? "");
  return EXEC_TYPES[text] ?? text.toLowerCase().replaceAll("_", " ");
}

export function reportWord(report) {
  if (report.msgType === "9") return "cancel refused";
  return codeWord(report.execType ?? report._type);
}
