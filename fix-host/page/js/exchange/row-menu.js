// What can be done with an order by hand, as a menu of its row: all that the command line has.

import { el } from "../dom.js";
import { visible } from "../pure/visible.js";
import { isLive, isReadOnly } from "../store.js";
import { DEEDS, mayBeDone } from "../pure/deeds.js";

let menu;
let opener = null;

export function buildRowMenu() {
  menu = el("div", { class: "rowmenu", id: "row-menu", popover: "auto", role: "menu", on: { keydown: pressed } });
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed" && menu.contains(document.activeElement)) opener?.focus();
  });
  return menu;
}

/** Opens it below `element`, for `order`. `run(deed, order)` does what is chosen. */
export function openRowMenu(element, order, run) {
  opener = element;
  menu.setAttribute("aria-label", visible(`Order ${order.clOrdID} by hand`));
  const mayWrite = isLive() && !isReadOnly();
  menu.replaceChildren(...Object.entries(DEEDS).filter(([, { isOfOrder }]) => isOfOrder).map(([name, { word, means }]) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", disabled: !mayWrite || !mayBeDone(name, order), data: { deed: name }, on: { click: () => { menu.hidePopover(); run(name, order); } } }, el("b", { text: word }), el("span", { class: "aside", text: means }))));
  menu.showPopover();
  const [box, own] = [element.getBoundingClientRect(), menu.getBoundingClientRect()];
  menu.style.left = `${Math.max(4, Math.min(box.right - own.width, innerWidth - own.width - 4))}px`;
  menu.style.top = `${box.bottom + own.height + 4 > innerHeight ? Math.max(4, box.top - own.height - 2) : box.bottom + 2}px`;
  items()[0]?.focus();
}

const items = () => [...menu.querySelectorAll("button:enabled")];

function pressed(event) {
  const all = items();
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) all.at(to % all.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") menu.hidePopover();
  else return;
  event.preventDefault();
}
