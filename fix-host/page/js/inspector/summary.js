// What a message is, in the words of its card; made once for each.

import { summary } from "../pure/fix.js";

const NOT_YET = { type: "", name: "\u2026", seq: "", words: "", kind: "", ids: [] };

export function summaryOf(message) {
  if (message.raw === undefined) return NOT_YET;
  message.summary ??= summary(message.raw);
  // Of a type that the cards have no name for the decoder has one.
  message.summary.name = message.decoded?.name ?? message.summary.name;
  return message.summary;
}
