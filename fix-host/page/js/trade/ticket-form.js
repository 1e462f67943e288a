// The fields of the ticket. They write into the draft; what they show comes from it.

import { byId, button, el, key, segmented, setText, toggleAttribute } from "../dom.js";
import { ORDER_TYPES, TIMES_IN_FORCE, needsPrice, needsStop, typedPrice } from "../pure/order.js";
import { bigFigure, price, quantity, stepped } from "../pure/numbers.js";
import { about, choose, instrument, quoteOf, state, symbols } from "../store.js";
import { draft, edit } from "./draft.js";
import { decimalsFor, in32nds, isStale } from "./prices.js";

const fields = {};

/** Puts the fields into the ticket; `onEnter` is called when Enter is pressed in one. */
export function buildForm(onEnter) {
  const form = byId("ticket-form");
  fields.symbol = el("select", { id: "ticket-symbol", "aria-label": "Symbol", on: { change: () => chooseSymbol(fields.symbol.value) } });
  fields.sell = sideButton("SELL", "s", "bid");
  fields.buy = sideButton("BUY", "b", "ask");
  fields.type = segmented("Order type", ORDER_TYPES, draft.ordType, (value) => edit({ ordType: value }));
  fields.time = segmented("Time in force", TIMES_IN_FORCE, draft.timeInForce, (value) => edit({ timeInForce: value }));
  fields.qty = input("qty", "decimal", (by) => stepQty(by));
  fields.price = input("price", "decimal", (by) => stepPrice("price", by));
  fields.stopPx = input("stopPx", "decimal", (by) => stepPrice("stopPx", by));
  fields.account = input("account", "text");
  fields.expireTime = input("expireTime", "text");
  fields.expireTime.placeholder = "20261231-21:00:00 (UTC)";
  fields.session = el("select", { id: "ticket-session", on: { change: () => edit({ session: fields.session.value }) } });
  fields.extra = el("div", { class: "extra" });
  const sizes = [1, 5, 10, 50].map((size) => button(`+${size}`, () => edit({ qty: String((Number(draft.qty) || 0) + size) }), { class: "size", "aria-label": `${size} more` }));
  form.append(
    labelled("Symbol", fields.symbol, "symbol-field"),
    el("div", { class: "sides", role: "group", "aria-label": "Side" }, fields.sell, fields.buy),
    el("div", { class: "field qty-field" }, caption("Quantity", "ticket-qty", "ticket-max"), el("div", { class: "row" }, fields.qty, ...sizes)),
    el("div", { class: "field" }, el("span", { class: "caption", text: "Order type" }), fields.type),
    el("div", { class: "pair" },
      el("div", { class: "field price-field" }, caption("Price", "ticket-price", "ticket-32nds"), stepper(fields.price, "price")),
      el("div", { class: "field stop-field" }, caption("Stop price", "ticket-stopPx"), stepper(fields.stopPx, "stopPx")),
      el("div", { class: "field" }, caption("Account", "ticket-account"), fields.account)),
    el("div", { class: "field" }, el("span", { class: "caption", text: "Time in force" }), fields.time),
    labelled("Ends at", fields.expireTime, "expire-field"),
    labelled("Session", fields.session, "session-field"),
    fields.extra,
  );
  form.addEventListener("keydown", (event) => {
    const isButton = event.target.closest("button, select");
    if (event.key !== "Enter" || isButton) return;
    event.preventDefault();
    onEnter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

function input(name, mode, onStep) {
  const field = el("input", {
    id: `ticket-${name}`,
    inputmode: mode,
    autocomplete: "off",
    spellcheck: "false",
    on: { input: () => edit({ [name]: field.value.trim(), warning: null, ...(name === "price" ? { isOwnPrice: true } : {}) }) },
  });
  if (onStep)
    field.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      onStep(by * (event.shiftKey ? 10 : 1));
    });
  return field;
}

function caption(text, forId, noteId) {
  return el("label", { class: "caption", for: forId }, el("span", { text }), noteId ? el("span", { class: "aside", id: noteId }) : null);
}

function labelled(text, field, name) {
  return el("div", { class: `field ${name}` }, caption(text, field.id, `${field.id}-note`), field);
}

function stepper(field, name) {
  const step = (by) => () => stepPrice(name, by);
  return el("div", { class: "stepper" },
    button("\u2212", step(-1), { "aria-label": "One tick down", tabindex: "-1" }), field,
    button("+", step(1), { "aria-label": "One tick up", tabindex: "-1" }));
}

function sideButton(side, letter, quoteSide) {
  const parts = {
    figure: el("span", { class: "figure" }),
    digits: el("span", { class: "digits" }),
    small: el("span", { class: "thirty" }),
    aside: el("span", { class: "aside" }),
  };
  const element = el("button", { type: "button", class: `side ${side.toLowerCase()}`, on: { click: () => edit(withPrice({ side })) } },
    el("span", { class: "sidehead" }, el("b", { text: side }), key(letter), parts.aside),
    el("span", { class: "sideprice" }, parts.figure, parts.digits), parts.small);
  return Object.assign(element, { parts, quoteSide, side });
}

export function chooseSymbol(symbol) {
  choose("symbol", symbol);
  edit({ symbol, price: priceAtMarket(symbol, draft.side), isOwnPrice: false, warning: null });
}

/** `change` with the price of now, where nobody chose one: that of when the page came may be far away by then. */
export function withPrice(change) {
  if (draft.isOwnPrice || draft.replaces || "price" in change) return change;
  const price = priceAtMarket(change.symbol ?? draft.symbol, change.side ?? draft.side);
  return price ? { ...change, price } : change;
}

/** The price of our own side of the market: the bid to buy, the ask to sell. */
export function priceAtMarket(symbol, side) {
  const quote = quoteOf(symbol);
  const value = side === "BUY" ? quote?.bid : quote?.ask;
  return value === null || value === undefined ? "" : price(value, decimalsFor(symbol));
}

function stepQty(by) {
  edit({ qty: String(Math.max(1, (Number(draft.qty) || 0) + by)) });
}

function stepPrice(name, by) {
  const now = typedPrice(draft[name] || "") ?? priceAtMarket(draft.symbol, draft.side);
  edit({ [name]: stepped(now, instrument(draft.symbol).tick, by, decimalsFor(draft.symbol)), warning: null, ...(name === "price" ? { isOwnPrice: true } : {}) });
}

/** Steps the field that has the focus, or the price. */
export function stepFocused(by) {
  if (document.activeElement === fields.qty) stepQty(by);
  else if (needsPrice(draft.ordType)) stepPrice("price", by);
  else stepQty(by);
}

/** Shows the draft in the fields. */
export function paintForm() {
  paintChoices();
  fields.type.choose(draft.ordType);
  fields.time.choose(draft.timeInForce);
  for (const name of ["qty", "price", "stopPx", "account", "expireTime"]) if (fields[name].value !== draft[name]) fields[name].value = draft[name];
  for (const one of [fields.sell, fields.buy]) one.setAttribute("aria-pressed", String(one.side === draft.side));
  const form = byId("ticket-form");
  form.dataset.side = draft.side;
  form.querySelector(".price-field").hidden = !needsPrice(draft.ordType);
  form.querySelector(".stop-field").hidden = !needsStop(draft.ordType);
  form.querySelector(".expire-field").hidden = draft.timeInForce !== "GTD";
  const typed = typedPrice(draft.price);
  const { text } = in32nds(draft.symbol, typed);
  setText(byId("ticket-32nds"), typed === null || text === "\u2013" ? "" : text);
  for (const one of [fields.symbol, fields.sell, fields.buy]) toggleAttribute(one, "disabled", Boolean(draft.replaces));
  paintMax();
  paintExtra();
}

function paintMax() {
  const limits = about.known?.limits ?? {};
  const most = (limits[draft.session] ?? Object.values(limits)[0])?.maxOrderQty;
  setText(byId("ticket-max"), most ? `max ${quantity(most)}` : "");
}

function paintChoices() {
  setOptions(fields.symbol, symbols(), draft.symbol);
  const sessions = [...state.sessions.values()].filter((one) => one.role === "initiator").map((one) => one.session);
  setOptions(fields.session, ["", ...sessions], draft.session, "the first that can");
  byId("ticket-form").querySelector(".session-field").hidden = sessions.length < 2;
}

function setOptions(select, values, chosen, emptyText) {
  const all = values.includes(chosen) || !chosen ? values : [...values, chosen];
  const wanted = all.join("\n");
  if (select.wanted !== wanted) {
    select.wanted = wanted;
    select.replaceChildren(...all.map((value) => el("option", { value, text: value || emptyText })));
  }
  if (select.value !== chosen) select.value = chosen;
}

function paintExtra() {
  const rows = fields.extra.children.length;
  if (rows === draft.extra.length && fields.extra.of === draft.extra) return;
  fields.extra.of = draft.extra;
  fields.extra.replaceChildren(...draft.extra.map((pair, place) => extraRow(pair, place)));
}

function extraRow(pair, place) {
  const one = (at, label) => el("input", { "aria-label": label, placeholder: label, autocomplete: "off", spellcheck: "false", value: pair[at],
    on: { input: (event) => { pair[at] = event.target.value.trim(); edit({}); } } });
  const remove = button("\u00d7", () => edit({ extra: draft.extra.filter((_, at) => at !== place) }), { "aria-label": "Remove this tag" });
  return el("div", { class: "row" }, one(0, "Tag or name"), one(1, "Value"), remove);
}

/** Prices on the two sides. */
export function paintSides() {
  const quote = quoteOf(draft.symbol);
  for (const one of [fields.sell, fields.buy]) {
    const value = quote?.[one.quoteSide];
    const [big, rest] = bigFigure(draft.symbol ? price(value, decimalsFor(draft.symbol)) : "\u2013");
    setText(one.parts.aside, quote && isStale(quote) ? `old ${one.quoteSide}` : one.quoteSide);
    setText(one.parts.figure, big);
    setText(one.parts.digits, rest);
    const { text } = in32nds(draft.symbol, value);
    setText(one.parts.small, text === "\u2013" ? "" : text);
  }
}

export const focusQuantity = () => {
  fields.qty.focus();
  fields.qty.select();
};
