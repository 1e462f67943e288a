// Text of others as it is: what turns its direction, separates lines or shows nothing is written out, as `fix-host decode` does.

const STEERS = /[\p{Cc}\p{Cs}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const utf8 = new TextEncoder();

/** `text` with such characters as their bytes: `\xe2\x80\xae` for the one that turns text around. */
export function visible(text) {
  return String(text).replace(STEERS, (one) => [...utf8.encode(one)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""));
}
