// Keys become actions. While somebody types, letters are letters.

import { act, offer } from "./actions.js";
import { byId, el } from "./dom.js";
import { KEYS, actionOf, keyWords } from "./pure/keys.js";

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
/** Where Enter has a meaning of its own. */
const OWN_ENTER = "button, a, summary, select, textarea, input, .tr, [role=option]";

export function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const isTyping = event.target.matches?.(TYPING) ?? false;
    const action = actionOf(event, isTyping);
    if (!action) return;
    // While the kill switch is armed, k is its key, with Shift or without.
    if (action === "row:previous" && !byId("armed").hidden && act("fire")) return event.preventDefault();
    if (action === "send" && event.target.matches?.(OWN_ENTER)) return;
    if (action.startsWith("tick:") && event.target.closest?.(".grid, [role=radiogroup], [role=tablist]")) return;
    if (action === "back" ? back(event) : act(action)) event.preventDefault();
  });
  buildKeys();
  byId("open-keys").addEventListener("click", () => byId("keys-box").showModal());
  byId("keys-close").addEventListener("click", () => byId("keys-box").close());
  offer("all", { keys: () => byId("keys-box").showModal() });
}

/** Escape: first what is armed or open, then the field that is typed in. */
function back(event) {
  if (document.querySelector("dialog[open]")) return false;
  if (act("disarm")) return true;
  const field = event.target.closest?.("input, textarea, select");
  if (field?.type === "search" && field.value) {
    field.value = "";
    field.dispatchEvent(new Event("input"));
    return true;
  }
  if (field) {
    field.blur();
    return true;
  }
  document.body.classList.remove("ticket-open");
  return act("close");
}

function buildKeys() {
  for (const group of new Set(KEYS.map((one) => one[3]))) {
    const keys = KEYS.filter((one) => one[3] === group);
    const rows = keys.map(([name, , words]) => el("tr", {}, el("td", {}, ...keyWords(name).map((one) => el("kbd", { text: one }))), el("td", { text: words })));
    byId("keys").append(el("section", {}, el("h3", { text: group }), el("table", {}, el("tbody", {}, ...rows))));
  }
}
