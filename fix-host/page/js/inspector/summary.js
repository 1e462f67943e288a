// What a message is, in the words of its card; made once for each.

import { summary } from "../pure/fix.js";

const NOT_YET = { type: "", name: "\u2026", seq: "", words: "", kind: "", ids: [] };

export function summaryOf(message) {
  if (message.raw === undefined) return NOT_YET;
  message.summary ??= summary(message.raw);
  return message.summary;
}
