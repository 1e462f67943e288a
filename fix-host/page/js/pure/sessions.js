// What a session does and why, in words; and what an action on it needs.

import { age, clockSeconds } from "./numbers.js";

/** `TRADEDESK → EXCHANGE` of FIX.4.4:TRADEDESK->EXCHANGE. */
export function shortName(session) {
  return String(session).replace(/^[^:]*:/, "").replace("->", " \u2192 ");
}

/** The CompID of the counterparty: what is typed to confirm. */
export function targetOf(session) {
  return String(session).split("->").pop().split("/")[0].split(":")[0];
}

/** [kind, words] of its state. */
export function sessionState(view) {
  if (view.gap) return ["wait", `GAP: ${missing(view.gap)} missing`];
  if (view.resending) return ["wait", "RESENDING"];
  if (view.status === "LOGGED_ON") return ["good", "LOGGED ON"];
  if (/schedule/i.test(view.detail ?? "")) return ["done", "OUT OF SCHEDULE"];
  if (view.staysOut) return ["done", "LOGGED OUT"];
  if (view.phase === "not connected") return ["bad", "NOT CONNECTED"];
  if (view.phase === "Logout sent" || view.phase === "closing") return ["wait", "LOGGING OUT"];
  return ["wait", "LOGGING ON"];
}

export function missing(gap) {
  return gap ? Math.max(0, gap.end - gap.begin + 1) : 0;
}

/** Why it is so. */
export function why(view, now) {
  if (view.halted) return `trading stopped by ${view.halted.by}${view.halted.reason ? `: ${view.halted.reason}` : ""}`;
  if (view.gap) return `asked for ${view.gap.begin} to ${view.gap.end}`;
  if (view.status === "LOGGED_ON") return `since ${clockSeconds(view.since * 1000)}, ${age(now - view.since * 1000)}`;
  if (view.staysOut) return "by an operator; stays out until a logon";
  return view.detail || view.phase;
}

/** How long nothing was heard, and what comes of it: after HeartBtInt and a fifth a TestRequest, after twice that the end. */
export function silence(view, now) {
  if (view.status !== "LOGGED_ON" || !view.lastReceived) return { seconds: null, words: "not logged on" };
  const seconds = Math.max(0, now / 1000 - view.lastReceived);
  if (!view.heartBtInt) return { seconds, words: "no heartbeats agreed" };
  return { seconds, words: `a word is due every ${view.heartBtInt} s` };
}

/** How long the counterparty takes to answer, in words; null where nobody can say. */
export function measuredTrip(trip) {
  if (trip === undefined) return null;
  if (!trip) return "not measured; RoundTripInterval=10 in the configuration does, TestRequest asks once";
  const every = `measured each ${trip.everySeconds} s`;
  const took = trip.ms === null ? null : `${trip.ms.toFixed(2)} ms (${clockSeconds(trip.sent * 1000)} UTC)`;
  const silent = trip.unansweredSince === null ? null : `no answer since ${clockSeconds(trip.unansweredSince * 1000)} UTC`;
  return [silent, silent && took ? `before that ${took}` : took ?? (silent ? null : "no answer yet"), every].filter(Boolean).join(", ");
}

export const ACTIONS = [
  { name: "logon", word: "Log on", does: "lets the session in again", needsOut: true },
  { name: "logout", word: "Log out", does: "sends a Logout; the session stays out until it is let in again", needsLogon: true },
  { name: "test-request", word: "TestRequest", does: "asks the counterparty for a Heartbeat and says how long it takes", needsLogon: true, isKnown: (view) => view.testRequest !== undefined },
  { name: "reset", word: "Reset\u2026", does: "both numbers begin at 1 again; what was missed is not asked for", isGrave: true },
  { name: "seqnum", word: "Set numbers\u2026", does: "sets the number that is sent or expected next", isGrave: true },
];

export function actionFor(name) {
  return ACTIONS.find((action) => action.name === name) ?? null;
}

/** Whether the action makes sense now. */
export function isOffered(action, view) {
  const isOn = view.status === "LOGGED_ON";
  // An exchange alone tells nothing of the kind.
  if (action.isKnown && !action.isKnown(view)) return false;
  if (action.needsLogon) return isOn;
  if (action.needsOut) return !isOn;
  return true;
}
