// A button that wants a second press before it does what it says, for five seconds.

import { visible } from "./pure/visible.js";

const PATIENCE = 5000;

/** True at the second press of `element` within five seconds; at the first it shows `question` on it. */
export function isSecondPress(element, question) {
  if (element.askedUntil > performance.now()) {
    forget(element);
    return true;
  }
  element.askedUntil = performance.now() + PATIENCE;
  element.saidBefore = [...element.childNodes];
  element.replaceChildren(visible(question));
  element.classList.add("asking");
  clearTimeout(element.patience);
  element.patience = setTimeout(() => forget(element), PATIENCE);
  return false;
}

/** Back to what the button said first. */
export function forget(element) {
  if (!element.saidBefore) return;
  clearTimeout(element.patience);
  element.replaceChildren(...element.saidBefore);
  element.saidBefore = null;
  element.askedUntil = 0;
  element.classList.remove("asking");
}
