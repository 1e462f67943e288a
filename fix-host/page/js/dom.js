// Elements, made and changed by text only: nothing here or elsewhere reads HTML from a string.

import { visible } from "./pure/visible.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `props`: class, text, on (events), data (dataset), and attributes by their names; `true` sets an empty
 * attribute, null and false none. Text, also that of titles and labels, shows what it is: `lines` is text of several lines.
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Attributes that a person reads or hears. */
const SAID = new Set(["title", "aria-label", "placeholder"]);

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") element.setAttribute("class", value);
    else if (name === "text") element.textContent = visible(value ?? "");
    else if (name === "lines") element.textContent = value.split("\n").map(visible).join("\n");
    else if (SAID.has(name) && value) element.setAttribute(name, visible(value));
    else if (name === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : visible(child))));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Sets the text of an element, if it is another one than it has. */
export function setText(element, text) {
  if (element.shownText === text) return false;
  element.shownText = text;
  element.textContent = visible(text ?? "");
  return true;
}

/** Sets what an element says under the pointer, if it is something else than it does. */
export function setTitle(element, text) {
  const wanted = text ?? "";
  if (element.shownTitle === wanted) return;
  element.shownTitle = wanted;
  element.isCut = false;
  element.title = visible(wanted);
}

/** Sets the class of an element, if it is another one. */
export function setClass(element, name) {
  if (element.shownClass === name) return;
  element.shownClass = name;
  element.className = name;
}

export function toggleAttribute(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

/** Puts `elements` behind `first` in this order: so they are read out. The one that has the focus would lose it if it were moved. */
export function putInOrder(first, elements) {
  const focused = elements.findIndex((element) => element.contains(document.activeElement));
  let before = elements[focused] ?? first;
  for (const element of elements.slice(focused + 1)) {
    if (before.nextElementSibling !== element) before.after(element);
    before = element;
  }
  for (let place = focused - 1; place >= 0; place -= 1) {
    const behind = elements[place + 1];
    if (behind.previousElementSibling !== elements[place]) behind.before(elements[place]);
  }
}

/** What is cut off shows whole under the pointer. */
export function sayWhole(element) {
  if (element.title && !element.isCut) return;
  element.isCut = element.scrollWidth > element.clientWidth && element.childElementCount === 0;
  element.title = element.isCut ? element.textContent : "";
}

export function key(text) {
  return el("kbd", { text, "aria-hidden": "true" });
}

export function button(text, run, props = {}) {
  return el("button", { type: "button", text, ...props, on: { click: run, ...(props.on ?? {}) } });
}

/** A choice of one among few, as radio buttons that arrow keys go through. `onChoose(value)`. */
export function segmented(label, choices, chosen, onChoose) {
  const group = el("div", { class: "segmented", role: "radiogroup", "aria-label": label });
  const buttons = choices.map(([value, text]) =>
    el("button", {
      type: "button",
      role: "radio",
      text,
      data: { value },
      on: { click: () => choose(value, true), keydown: (event) => arrow(event, value) },
    }),
  );
  const choose = (value, isTold) => {
    for (const one of buttons) {
      const isChosen = one.dataset.value === value;
      one.setAttribute("aria-checked", String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
    }
    group.value = value;
    if (isTold) onChoose(value);
  };
  const arrow = (event, value) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = choices.findIndex(([one]) => one === value);
    const next = (at + by + choices.length) % choices.length;
    choose(choices[next][0], true);
    buttons[next].focus();
  };
  group.append(...buttons);
  group.choose = (value) => choose(value, false);
  group.choose(chosen);
  return group;
}

/** What a panel says when it has nothing to show: what would be here, and how to get it. */
export function empty(title, text, ...more) {
  return el("div", { class: "empty" }, el("b", { text: title }), el("p", { text }), ...more);
}

/** Gives the user a file. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function copy(text) {
  return navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("This browser does not let a page copy."));
}
