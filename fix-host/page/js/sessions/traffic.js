// What this page saw of each session: how many messages a second, and each change of its state.

import { svg } from "../dom.js";
import { sessionState } from "../pure/sessions.js";
import { isLive, state } from "../store.js";

const KEPT = 90;
const seen = new Map();

function of(session) {
  if (!seen.has(session)) seen.set(session, { counts: [], events: [], last: null });
  return seen.get(session);
}

function note(one, kind, what, text, time = Date.now()) {
  one.events.push({ time, kind, what, text });
  if (one.events.length > 200) one.events.shift();
}

/** Called each second. */
export function noteSessions() {
  for (const view of state.sessions.values()) {
    const one = of(view.session);
    const { last } = one;
    if (!isLive()) {
      if (last?.isLive) note(one, "bad", "no link to the engine", "it ended, or cannot be reached");
      if (last) last.isLive = false;
      continue;
    }
    const isBack = last !== null && (last.boot !== state.boot || !last.isLive);
    if (isBack) note(one, "warn", last.boot === state.boot ? "link is back" : "engine started again", `in ${view.nextIn}, out ${view.nextOut}`);
    if (last) {
      one.counts.push(isBack ? [0, 0] : [Math.max(0, view.nextIn - last.nextIn), Math.max(0, view.nextOut - last.nextOut)]);
      if (one.counts.length > KEPT) one.counts.shift();
    }
    const [kind, words] = sessionState(view);
    if (!last || last.words !== words || last.detail !== view.detail) {
      const time = view.status === "LOGGED_ON" && !last ? view.since * 1000 : Date.now();
      note(one, { good: "good", wait: "warn", bad: "bad", done: "dim" }[kind], words, view.detail ?? "", time);
    }
    if (last && !isBack && (view.nextOut < last.nextOut || view.nextIn < last.nextIn)) note(one, "warn", "numbers set", `in ${view.nextIn}, out ${view.nextOut}`);
    one.last = { isLive: true, boot: state.boot, nextIn: view.nextIn, nextOut: view.nextOut, words, detail: view.detail };
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
