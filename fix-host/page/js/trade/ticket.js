// The ticket: keeps draft, preview and button together, sends, and says what became of it.

import { post } from "../api.js";
import { act, offer } from "../actions.js";
import { byId, el, setClass, setText, setTitle } from "../dom.js";
import { distance, distanceOfOld, offTick, orderBody, orderWords, problems } from "../pure/order.js";
import { NONE, age } from "../pure/numbers.js";
import { chosen, instrument, isLive, isReadOnly, on, quoteOf, state } from "../store.js";
import { haltOfAll } from "../kill.js";
import { forget, isSecondPress } from "../twice.js";
import { draft, edit, newId, settings, upcomingId } from "./draft.js";
import { startTemplates } from "./templates.js";
import { buildForm, chooseSymbol, focusQuantity, paintForm, paintSides, priceAtMarket, stepFocused, withPrice } from "./ticket-form.js";
import { ageOf, isStale } from "./prices.js";
import { askPreview, preview, startWire } from "./wire.js";

let isSending = false;
let said = null;

export function startTicket() {
  buildForm(send);
  startWire();
  byId("ticket-send").addEventListener("click", send);
  byId("ticket-close").addEventListener("click", closeTicket);
  byId("ticket-tag").addEventListener("click", () => edit({ extra: [...draft.extra, ["", ""]] }));
  byId("ticket-new").addEventListener("click", leaveReplace);
  startConfirm();
  startTemplates();
  on("symbol", followSymbol);
  on("prices", () => {
    const price = draft.price ? "" : priceAtMarket(draft.symbol, draft.side);
    if (price) edit({ price });
    paintSides();
    paintChecks();
  }, "trade");
  // A second press means the order of the first: another draft, or a link that was lost, is asked about anew.
  on("draft", () => {
    forget(byId("ticket-send"));
    // What was wrong was so of the draft before.
    if (said?.kind === "bad") said = null;
  });
  on("link", () => isLive() || forget(byId("ticket-send")));
  on("draft sessions about link halts numbers", paint, "trade");
  on("preview", paintChecks);
  // What nobody tells of grows old.
  on("second", () => {
    paintSides();
    paintChecks();
  }, "trade");
  offer("trade", {
    send,
    ticket: (change) => openTicket(change),
    "side:BUY": () => openTicket({ side: "BUY" }),
    "side:SELL": () => openTicket({ side: "SELL" }),
    "tick:up": () => stepFocused(1),
    "tick:down": () => stepFocused(-1),
  });
  offer("all", { "ticket:fill": fill, "ticket:replace": replace, "ticket:clone": clone });
  for (const side of ["SELL", "BUY"]) byId(`thumb-${side}`).addEventListener("click", () => takePrice(side));
}

function followSymbol() {
  if (!draft.replaces && chosen.symbol && draft.symbol !== chosen.symbol) chooseSymbol(chosen.symbol);
}

function openTicket(change) {
  edit(withPrice(ofTheDraft(change ?? {})));
  document.body.classList.add("ticket-open");
  focusQuantity();
}

/** What of `change` may be made: an order that is being changed keeps its side, and another symbol begins a new order. */
function ofTheDraft(change) {
  if ("replaces" in change || !draft.replaces) return change;
  if (change.symbol && change.symbol !== draft.symbol) {
    leaveReplace();
    return change;
  }
  const { side: _, ...rest } = change;
  return rest;
}

/** A new order at the price that the button of `side` shows, at which it trades: one that came since was not seen. */
function takePrice(side) {
  const price = byId(side === "BUY" ? "thumb-ask" : "thumb-bid").textContent;
  const isKnown = price && price !== NONE;
  openTicket({ replaces: null, warning: null, symbol: chosen.symbol ?? draft.symbol, side, ...(isKnown ? { ordType: "LIMIT", price, isOwnPrice: true } : {}) });
}

function closeTicket() {
  document.body.classList.remove("ticket-open");
}

/** Prices of a click. */
function fill(change) {
  edit({ warning: null, isOwnPrice: true, ...ofTheDraft(change), ordType: draft.ordType === "MARKET" ? "LIMIT" : draft.ordType });
}

function fromOrder(order) {
  return {
    symbol: order.symbol,
    side: order.side,
    qty: String(order.qty),
    ordType: order.ordType ?? "LIMIT",
    price: order.price === undefined || order.price === null ? "" : String(order.price),
    stopPx: order.stopPx === undefined || order.stopPx === null ? "" : String(order.stopPx),
    timeInForce: order.timeInForce ?? "DAY",
    expireTime: order.expireTime ? String(order.expireTime) : "",
    account: order.account ?? "",
    session: "",
    extra: Object.entries(order.fields ?? {}).filter(([, value]) => typeof value !== "object").map(([tag, value]) => [tag, String(value)]),
    warning: null,
    isOwnPrice: true,
  };
}

function replace(order) {
  draft.symbol = order.symbol;
  act("symbol", order.symbol);
  openTicket({ ...fromOrder(order), replaces: order.clOrdID });
}

function clone(order) {
  draft.symbol = order.symbol;
  act("symbol", order.symbol);
  openTicket({ ...fromOrder(order), session: order.session ?? "", replaces: null });
}

function leaveReplace() {
  edit({ replaces: null, symbol: chosen.symbol ?? draft.symbol });
}

function paint() {
  paintForm();
  paintSides();
  const isReplace = Boolean(draft.replaces);
  setText(byId("ticket-title"), isReplace ? `Replace ${draft.replaces}` : "Ticket");
  setTitle(byId("ticket-title"), draft.replaces ?? "");
  byId("ticket-new").hidden = !isReplace;
  const wrong = problems(draft);
  askPreview(isReplace ? "replace" : "order", wrong.length ? null : orderBody(draft, upcomingId()));
  paintChecks();
}

/** Whether the session of the draft is logged on, or one that can take it. */
function mayBeSent() {
  const all = [...state.sessions.values()].filter(({ session }) => !draft.session || session === draft.session);
  return !all.length || all.some(({ status }) => status === "LOGGED_ON");
}

/** Why the ticket cannot be sent now; null where it can. */
function obstacle() {
  if (isReadOnly()) return "This page may look, not trade";
  if (!isLive()) return "Not connected to the engine";
  if (haltOfAll()) return "Trading is stopped: new orders are refused";
  if (!mayBeSent()) return "Not logged on: nothing can be sent";
  const wrong = problems(draft);
  if (wrong.length) return wrong[0][1];
  if (preview.isRefusal) return preview.error;
  const failed = preview.answer?.checks?.find((check) => !check.ok);
  return failed ? `Not sent: ${failed.text}` : null;
}

function paintChecks() {
  const tick = instrument(draft.symbol).tick;
  const quote = quoteOf(draft.symbol);
  const away = isStale(quote) ? distanceOfOld(draft, quote, tick, age(ageOf(quote))) : distance(draft, quote, tick);
  const off = offTick(draft, tick);
  const lines = [
    // A halt is said on the button, once.
    ...(preview.answer?.checks ?? []).filter((check) => !check.halt).map((check) => [check.ok ? "ok" : "bad", check.text]),
    ...(away ? [away] : []),
    ...(off ? [["warn", off]] : []),
    ...(draft.warning ? [["warn", draft.warning]] : []),
  ];
  const host = byId("ticket-checks");
  const wanted = JSON.stringify(lines);
  if (host.wanted !== wanted) {
    host.wanted = wanted;
    host.replaceChildren(...lines.map(([kind, text]) => el("li", { class: kind }, el("span", { class: "mark", "aria-hidden": "true", text: { ok: "\u2713", bad: "!", warn: "!" }[kind] }), text)));
  }
  paintSend();
}

function paintSend() {
  const send = byId("ticket-send");
  const why = obstacle();
  setClass(send, `send ${draft.side.toLowerCase()} ${send.saidBefore ? "asking" : ""}`);
  send.disabled = Boolean(why) || isSending;
  if (!send.saidBefore) {
    const words = isSending ? "Sending\u2026" : why ?? wholeWords();
    setText(byId("ticket-words"), words);
  }
  const note = byId("ticket-said");
  setText(note, said?.text ?? "");
  setClass(note, `said ${said?.kind ?? ""}`);
}

/** What a press does, in words. */
const wholeWords = () => `${draft.replaces ? "Replace by " : ""}${orderWords(draft)}`;

async function send() {
  const element = byId("ticket-send");
  if (isSending || obstacle()) {
    element.classList.remove("shake");
    return;
  }
  if (settings.confirm && !isSecondPress(element, `Press again: ${wholeWords()}`)) return;
  const body = orderBody(draft, newId());
  const { replaces } = draft;
  isSending = true;
  said = null;
  paintSend();
  try {
    const answer = await post(replaces ? "/api/replaces" : "/api/orders", body);
    const notes = answer.notes?.length ? ` ${answer.notes.join(" ")}` : "";
    said = { kind: "good", text: `Sent ${answer.clOrdID} as MsgSeqNum ${answer.msgSeqNum}.${notes}` };
    // Not where another order has been taken up since.
    if (replaces && draft.replaces === replaces) edit({ replaces: null });
    closeTicket();
  } catch (problem) {
    const status = problem.body?.status ?? "";
    said = { kind: "bad", text: problem.message.startsWith(status) ? problem.message : `${status}: ${problem.message}` };
  }
  isSending = false;
  paint();
}

function startConfirm() {
  const box = byId("ticket-confirm");
  box.checked = settings.confirm;
  box.addEventListener("change", () => {
    settings.confirm = box.checked;
    paint();
  });
}
