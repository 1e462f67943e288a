// FIX text as the inspector needs it: fields, a line that says what a message is, search, and the difference of two.
// What the fields mean is said by the decoder; here they are only cut apart, at once, for cards and the search.

import { capital, codeWord } from "./codes.js";
import { isTrade } from "./chains.js";

const NAMES = {
  0: "Heartbeat", 1: "TestRequest", 2: "ResendRequest", 3: "Reject", 4: "SequenceReset", 5: "Logout", A: "Logon",
  8: "ExecutionReport", 9: "OrderCancelReject", D: "NewOrderSingle", F: "OrderCancelRequest", G: "OrderCancelReplaceRequest",
  H: "OrderStatusRequest", j: "BusinessMessageReject", V: "MarketDataRequest", W: "MarketDataSnapshotFullRefresh",
  X: "MarketDataIncrementalRefresh", Y: "MarketDataRequestReject", q: "OrderMassCancelRequest", r: "OrderMassCancelReport",
  x: "SecurityListRequest", y: "SecurityList", h: "TradingSessionStatus", f: "SecurityStatus",
};

/** Session messages that say only that somebody is there. */
export const isHeartbeat = (type) => type === "0" || type === "1";

/** [tag, value] of each field; SOH, `|` or `^A` may stand between them. */
export function fieldsOf(raw) {
  const text = String(raw);
  const separator = text.includes("\u0001") ? "\u0001" : text.includes("^A") ? "^A" : "|";
  const fields = [];
  for (const part of text.split(separator)) {
    const equals = part.indexOf("=");
    if (equals > 0) fields.push([part.slice(0, equals), part.slice(equals + 1)]);
  }
  return fields;
}

export const shown = (raw) => String(raw).replaceAll("\u0001", "|");

const valueOf = (tag) => new RegExp(`(?:^|[\\u0001|]|\\^A)${tag}=([^\\u0001|^]*)`);
const [TYPE, SENDER, TARGET] = [valueOf(35), valueOf(49), valueOf(56)];

/** MsgType(35), which stands near the beginning. */
const typeOf = (raw) => TYPE.exec(raw)?.[1] ?? "?";

/** SenderCompID(49) and TargetCompID(56); null where one is missing. */
export function partiesOf(raw) {
  const [sender, target] = [SENDER.exec(raw), TARGET.exec(raw)];
  return sender && target && [sender[1], target[1]];
}

/** Whether a message goes from one of these two to the other. */
export function isBetween(raw, [one, other]) {
  const parties = partiesOf(raw);
  return parties !== null && ((parties[0] === one && parties[1] === other) || (parties[0] === other && parties[1] === one));
}

const nameOf = (type) => NAMES[type] ?? `35=${type}`;

/** What a message is, in the words of a card: { type, name, seq, words, kind, ids }. */
export function summary(raw) {
  const fields = new Map();
  for (const [tag, value] of fieldsOf(raw)) if (!fields.has(tag)) fields.set(tag, value);
  const type = typeOf(raw);
  const ids = ["11", "41", "37"].map((tag) => fields.get(tag)).filter(Boolean);
  return { type, name: nameOf(type), seq: fields.get("34") ?? "", words: words(type, fields), kind: kind(type, fields), ids };
}

const SIDES = { 1: "BUY", 2: "SELL", 5: "SELL SHORT" };

function words(type, fields) {
  const of = (tag) => fields.get(tag);
  const order = () => [SIDES[of("54")], of("38"), of("55"), of("44") ? `@ ${of("44")}` : of("40") === "1" ? "at market" : ""].filter(Boolean).join(" ");
  switch (type) {
    case "D":
      return order();
    case "G":
      return `${of("41") ?? "?"} \u2192 ${of("11") ?? "?"} ${of("44") ? `@ ${of("44")}` : ""}`;
    case "F":
      return `cancel ${of("41") ?? "?"}`;
    case "8": {
      const trade = isFill(fields) ? ` ${of("32")} at ${of("31")}` : "";
      return `${capital(codeWord(of("150") ?? "150=?"))}${trade}, leaves ${of("151") ?? "?"}${of("58") ? `: ${of("58")}` : ""}`;
    }
    case "2":
      return `7=${of("7")} 16=${of("16")}${of("16") === "0" ? `, all from ${of("7")}` : ""}`;
    case "4":
      return `${of("123") === "Y" ? "GapFill" : "Reset"}, next ${of("36")}`;
    case "A":
      return `heartbeat ${of("108") ?? "?"} s${of("141") === "Y" ? ", both begin at 1" : ""}`;
    case "3":
    case "j":
    case "9":
      return `${of("371") ? `tag ${of("371")}: ` : ""}${of("58") ?? ""}`;
    default:
      return of("58") ?? of("55") ?? of("262") ?? of("112") ?? "";
  }
}

function kind(type, fields) {
  if (["3", "9", "j", "Y"].includes(type) || (type === "8" && fields.get("150") === "8")) return "bad";
  if (["2", "4"].includes(type) || fields.get("43") === "Y") return "warn";
  return type === "8" && isFill(fields) ? "good" : "";
}

const isFill = (fields) => isTrade({ execType: fields.get("150"), lastQty: fields.get("32") });

/**
 * The search of the inspector: parts with OR between them, of which one must hold; in a part all words must:
 * `order:ID|ID`, `35=8|9`, `/regular expression/`, or text.
 */
export function parseSearch(text) {
  const groups = [];
  for (const part of text.split(/\s+OR\s+/)) {
    const terms = [];
    for (const word of part.match(/\/(?:\\.|[^/\\])+\/|(?:order:)?"[^"]*"|\S+/g) ?? []) {
      const term = searchTerm(word);
      if (term.error) return { groups: [], error: term.error };
      terms.push(term);
    }
    if (terms.length) groups.push(terms);
  }
  return { groups, error: null };
}

function searchTerm(word) {
  if (word.startsWith("order:")) return { ids: word.slice(6).replaceAll('"', "").split("|").filter(Boolean) };
  const tag = /^(\d+)=(.*)$/.exec(word);
  if (tag) return { tag: tag[1], values: tag[2].split("|") };
  if (word.length > 2 && word.startsWith("/") && word.endsWith("/")) {
    try {
      return { regex: new RegExp(word.slice(1, -1), "i") };
    } catch (problem) {
      return { error: `${word} is no regular expression: ${String(problem.message).split(": ").pop()}` };
    }
  }
  return { text: word.replaceAll('"', "").toLowerCase() };
}

/** Whether a message, as { raw, note }, is found. */
export function isFound(search, message) {
  return !search.groups.length || search.groups.some((terms) => terms.every((term) => meets(term, message)));
}

/** A log has a million messages: fields are cut apart only where what is looked for stands at all. */
function meets(term, { raw, note }) {
  if (term.ids) return term.ids.some((id) => raw.includes(id)) && fieldsOf(raw).some(([tag, value]) => ["11", "41", "37", "790"].includes(tag) && term.ids.includes(value));
  if (term.tag) return term.values.some((value) => raw.includes(`${term.tag}=${value}`)) && fieldsOf(raw).some(([tag, value]) => tag === term.tag && term.values.includes(value));
  const text = `${shown(raw)} ${note ?? ""} ${nameOf(typeOf(raw))}`;
  return term.regex ? term.regex.test(text) : text.toLowerCase().includes(term.text);
}

/**
 * What the last message of its sender to the same one, among `before` with the nearest first, makes of the number of
 * `message`, as the decoder gave it: words where some are missing, or where it comes again without PossDupFlag(43). A Logon that
 * begins anew and a SequenceReset move the number on their own.
 */
export function gapBefore(message, before) {
  const of = (tag) => message.fields.find((field) => field.tag === tag)?.value;
  const number = Number(of(34));
  if (!number || message.garbled || of(43) === "Y" || of(141) === "Y") return null;
  const last = before.map((raw) => new Map(fieldsOf(raw))).find((fields) => fields.get("49") === of(49) && fields.get("56") === of(56) && fields.get("43") !== "Y");
  if (!last || !Number(last.get("34"))) return null;
  const next = Number(last.get("36") && last.get("35") === "4" ? last.get("36") : Number(last.get("34")) + 1);
  if (number > next) return number === next + 1 ? `gap: ${next} is missing` : `gap: ${next} to ${number - 1} are missing`;
  return number < next && last.get("35") !== "4" ? `number too low: ${next} was next` : null;
}

const CHANGING = new Set(["9", "10", "34", "52", "60"]);

/** The fields that differ, as [tag, old, new]; lengths, numbers and times only if asked. */
export function differences(old, now, withChanging) {
  const [before, after] = [counted(old), counted(now)];
  const found = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [tag] = key.split("#");
    if (before.get(key) !== after.get(key) && (withChanging || !CHANGING.has(tag))) found.push([tag, before.get(key) ?? null, after.get(key) ?? null]);
  }
  return found;
}

/** Values by tag and how often it came before: `452#1` is its second one. */
function counted(raw) {
  const seen = new Map();
  const values = new Map();
  for (const [tag, value] of fieldsOf(raw)) {
    const count = seen.get(tag) ?? 0;
    seen.set(tag, count + 1);
    values.set(`${tag}#${count}`, value);
  }
  return values;
}
