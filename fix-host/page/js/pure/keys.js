// Which keys do what. The keyboard and the page of keys both read this list.

export const KEYS = [
  ["1", "view:trade", "Trade", "Views"],
  ["2", "view:sessions", "Sessions", "Views"],
  ["3", "view:inspector", "Inspector", "Views"],
  ["4", "view:exchange", "Exchange", "Views"],
  ["5", "view:health", "Health", "Views"],
  ["Ctrl+k", "palette", "Find or do", "Everywhere"],
  ["/", "filter", "Filter of the view", "Everywhere"],
  ["?", "keys", "These keys", "Everywhere"],
  ["Escape", "back", "Back: close, disarm, leave a field", "Everywhere"],
  ["Shift+Escape", "arm", "Arm the kill switch for 5 s", "Everywhere"],
  ["K", "fire", "Stop trading, while it is armed", "Everywhere"],
  ["t", "ticket", "Ticket", "Trade"],
  ["b", "side:BUY", "BUY", "Trade"],
  ["s", "side:SELL", "SELL", "Trade"],
  ["ArrowUp", "tick:up", "Price or quantity one step up, in its field", "Trade"],
  ["ArrowDown", "tick:down", "One step down", "Trade"],
  ["Enter", "send", "Send what the ticket says", "Trade"],
  ["j", "row:next", "Next row", "On a row"],
  ["k", "row:previous", "Row before", "On a row"],
  ["x", "row:cancel", "Cancel", "On a row"],
  ["r", "row:replace", "Replace; at the exchange: reject", "On a row"],
  ["c", "row:clone", "Clone into the ticket", "On a row"],
  ["i", "row:messages", "Its messages", "On a row"],
  ["a", "accept", "Accept what waits", "Exchange"],
  ["f", "fill", "Fill by hand", "Exchange"],
  ["m", "row:menu", "All that can be done with the order: stop, suspend \u2026", "Exchange"],
  ["d", "diff", "Mark for a diff, or compare with the marked one", "Inspector"],
  ["o", "order", "All messages of this order", "Inspector"],
  ["p", "paste", "Paste or drop a log", "Inspector"],
];

const WORDS = { Escape: "Esc", ArrowUp: "\u2191", ArrowDown: "\u2193" };

/** The keys of an entry as they are shown everywhere: `Shift Esc`, `Ctrl K`, and a letter by itself as it is typed. */
export function keyWords(name) {
  const parts = name.split("+");
  return parts.map((part) => WORDS[part] ?? (parts.length > 1 ? part[0].toUpperCase() + part.slice(1) : part));
}

const ACTIONS = new Map(KEYS.map(([key, action]) => [key, action]));

/** The action of a key event, or null. While somebody types, single letters are letters. */
export function actionOf(event, isTyping) {
  if (event.altKey || event.isComposing) return null;
  if (event.ctrlKey || event.metaKey) return event.key.toLowerCase() === "k" ? "palette" : null;
  if (event.key === "Escape") return event.shiftKey ? "arm" : "back";
  if (isTyping) return null;
  return ACTIONS.get(event.key) ?? null;
}
