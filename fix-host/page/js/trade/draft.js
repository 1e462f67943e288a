// The order that the ticket is about to send, and the ids that this page gives to orders.

import { changed } from "../store.js";

export const draft = {
  symbol: "",
  side: "BUY",
  qty: "10",
  ordType: "LIMIT",
  price: "",
  stopPx: "",
  timeInForce: "DAY",
  expireTime: "",
  account: "",
  session: "",
  extra: [],
  /** Somebody chose the price: it stays. */
  isOwnPrice: false,
  /** The ClOrdID of the order that this one changes; null for a new one. */
  replaces: null,
  /** What the user must know before he sends, such as that a price was old. */
  warning: null,
};

export function edit(change) {
  Object.assign(draft, change);
  changed("draft");
}

/** A beginning that no other page of this engine has: the second in which this one was opened, and some chance. */
const prefix = `W-${Math.floor(Date.now() / 1000 - 1_600_000_000).toString(36)}${chance()}`;
let count = 0;

function chance() {
  return crypto.getRandomValues(new Uint16Array(1))[0].toString(36).padStart(4, "0").slice(-3);
}

export const upcomingId = () => `${prefix}-${count + 1}`;

export function newId() {
  count += 1;
  return `${prefix}-${count}`;
}

const TEMPLATES = "fix-engine.templates";

export function templates() {
  try {
    const kept = JSON.parse(localStorage.getItem(TEMPLATES) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one?.name === "string" && one.draft) : [];
  } catch {
    return [];
  }
}

/** Keeps the draft under a name in this browser; without a name the one of that name goes. */
export function keepTemplate(name, isKept = true) {
  const others = templates().filter((one) => one.name !== name);
  const { replaces: _, warning: __, ...kept } = draft;
  const all = isKept ? [...others, { name, draft: kept }] : others;
  localStorage.setItem(TEMPLATES, JSON.stringify(all));
}

const CONFIRM = "fix-engine.confirm";

/** Whether a write needs a second press; the user's choice, kept in this browser. On until he says otherwise. */
export const settings = {
  get confirm() {
    return localStorage.getItem(CONFIRM) !== "off";
  },
  set confirm(value) {
    localStorage.setItem(CONFIRM, value ? "on" : "off");
  },
};
