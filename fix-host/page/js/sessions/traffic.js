// What this page saw of each session: how many messages a second, and each change of its state.

import { svg } from "../dom.js";
import { sessionState } from "../pure/sessions.js";
import { state } from "../store.js";

const KEPT = 90;
const seen = new Map();

function of(session) {
  if (!seen.has(session)) seen.set(session, { counts: [], events: [], last: null });
  return seen.get(session);
}

/** Called each second. */
export function noteSessions() {
  for (const view of state.sessions.values()) {
    const one = of(view.session);
    const { last } = one;
    if (last) {
      one.counts.push([Math.max(0, view.nextIn - last.nextIn), Math.max(0, view.nextOut - last.nextOut)]);
      if (one.counts.length > KEPT) one.counts.shift();
    }
    const [kind, words] = sessionState(view);
    if (!last || last.words !== words || last.detail !== view.detail) {
      const time = view.status === "LOGGED_ON" && !last ? view.since * 1000 : Date.now();
      one.events.push({ time, kind: { good: "good", wait: "warn", bad: "bad", done: "dim" }[kind], what: words, text: view.detail ?? "" });
      if (one.events.length > 200) one.events.shift();
    }
    if (last && last.boot !== state.boot) one.events.push({ time: Date.now(), kind: "warn", what: "engine started again", text: `in ${view.nextIn}, out ${view.nextOut}` });
    else if (last && (view.nextOut < last.nextOut || view.nextIn < last.nextIn))
      one.events.push({ time: Date.now(), kind: "warn", what: "numbers set", text: `in ${view.nextIn}, out ${view.nextOut}` });
    one.last = { boot: state.boot, nextIn: view.nextIn, nextOut: view.nextOut, words, detail: view.detail };
  }
}

export const happened = (session) => of(session).events;

/** Bars: in above the line, out below. */
export function paintTraffic(host, session) {
  const { counts } = of(session);
  if (host.shown === counts.length + session && counts.length < KEPT) return;
  host.shown = counts.length + session;
  const most = Math.max(4, ...counts.flat());
  const bars = counts.flatMap(([received, sent], place) => {
    const x = 900 - (counts.length - place) * 10;
    const [up, down] = [(44 * received) / most, (44 * sent) / most];
    return [
      svg("rect", { x, y: 48 - up, width: 7, height: up, class: "in" }),
      svg("rect", { x, y: 50, width: 7, height: down, class: "out" }),
    ];
  });
  host.replaceChildren(svg("svg", { viewBox: "0 0 900 98", preserveAspectRatio: "none" }, svg("line", { x1: 0, x2: 900, y1: 49, y2: 49 }), ...bars));
}
