// What a message is, in the words of its card; made once for each.

import { summary } from "../pure/fix.js";

export function summaryOf(message) {
  message.summary ??= summary(message.raw);
  return message.summary;
}
