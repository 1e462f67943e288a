// Sessions: are we talking, and if not, why and what helps?

import { offer } from "../actions.js";
import { byId, button, el, empty, setClass, setText } from "../dom.js";
import { get, inPath } from "../api.js";
import { fieldsOf, summary } from "../pure/fix.js";
import { NONE, age, clock, clockSeconds, milliseconds } from "../pure/numbers.js";
import { ACTIONS, isOffered, measuredTrip, missing, sessionState, shortName, silence, why } from "../pure/sessions.js";
import { about, choose, chosen, isLive, isReadOnly, on, state } from "../store.js";
import { Table } from "../table.js";
import { buildWhatIf, openAction } from "./what-if.js";
import { noteSessions, happened, paintTraffic } from "./traffic.js";

let table;

export function start(host) {
  host.append(
    el("section", { class: "panel sessionlist", "aria-labelledby": "sessions-title" },
      el("div", { class: "head" }, el("h2", { id: "sessions-title", text: "Sessions" }), el("span", { id: "sessions-counts", class: "row" })),
      el("div", { id: "sessions-table", class: "tablehost" })),
    el("section", { class: "panel sessiondetail", "aria-labelledby": "session-name" },
      el("div", { class: "head" }, el("h2", { id: "session-name" }), el("span", { class: "aside", id: "session-about" }), el("span", { class: "push" }), el("span", { class: "row", id: "session-actions" })),
      el("div", { class: "tiles" }, ...tile("in", "Next in"), ...tile("out", "Next out"), ...tile("gap", "Missing"), ...tile("silent", "Silent for")),
      el("div", { class: "head sub" }, el("h3", { text: "Messages a second" }), el("span", { class: "aside", text: "in above, out below, since this view was opened" })),
      el("div", { id: "traffic", class: "traffic", role: "img", "aria-label": "Messages a second, in and out" }),
      el("div", { class: "two" },
        el("div", {}, el("h3", { class: "cap", text: "What happened" }), el("ol", { id: "session-events", class: "events" })),
        el("div", {}, el("h3", { class: "cap", text: "What it says now" }), el("div", { id: "session-words" }), el("table", { class: "facts" }, el("tbody", { id: "session-facts" }))))),
    buildWhatIf(),
  );
  buildTable();
  for (const action of ACTIONS) {
    const one = button("", () => openAction(action.name), { class: "sessionaction", data: { action: action.name } });
    one.append(action.word);
    byId("session-actions").append(one);
  }
  on("sessions link", paint, "sessions");
  on("session", () => { table.choose(chosen.session); paint(); });
  on("second", noteSessions);
  on("second", paint, "sessions");
  offer("sessions", {
    "row:next": () => table.step(1),
    "row:previous": () => table.step(-1),
    filter: () => table.focusRow(0),
  });
  paint();
}

function tile(id, title) {
  return [el("div", { class: "tile" }, el("span", { class: "cap", text: title }), el("b", { id: `tile-${id}` }), el("span", { class: "aside", id: `tile-${id}-note` }))];
}

function buildTable() {
  table = new Table(byId("sessions-table"), {
    label: "Sessions",
    class: "sessionrows",
    rowHeight: matchMedia("(max-width: 767px)").matches ? 44 : 24,
    id: (view) => view.session,
    onChoose: (view) => choose("session", view.session),
    empty: () => (isLive() ? empty("No sessions", "The configuration names none.") : empty("", "Asking the engine for its sessions\u2026")),
    columns: [
      { key: "session", title: "Session", class: "strong", value: (view) => shortName(view.session) },
      { key: "state", title: "State", class: "state", value: (view) => sessionState(view)[1], paint: paintState },
      { key: "why", title: "Why", class: "why", value: (view) => why(view, Date.now()) },
      { key: "in", title: "Next in", class: "num", value: (view) => view.nextIn, text: (view) => view.nextIn.toLocaleString("en") },
      { key: "out", title: "Next out", class: "num", value: (view) => view.nextOut, text: (view) => view.nextOut.toLocaleString("en") },
      { key: "gap", title: "Missing", class: "num gap", value: (view) => missing(view.gap), text: (view) => (view.gap ? `${view.gap.begin}\u2013${view.gap.end}` : NONE) },
      { key: "beat", title: "Last word", class: "num", value: (view) => view.lastReceived, text: (view) => (view.lastReceived ? age(Date.now() - view.lastReceived * 1000) : NONE) },
    ],
  });
}

const GLYPHS = { good: "\u25cf", wait: "\u25b2", bad: "\u25a0", done: "\u25cb" };

function paintState(cell, view) {
  const [kind, words] = sessionState(view);
  setText(cell, `${GLYPHS[kind]} ${words}`);
  setClass(cell, `td state strong ${{ good: "good", wait: "warn", bad: "bad", done: "dim" }[kind]}`);
}

function paint() {
  const views = [...state.sessions.values()];
  if (!state.sessions.has(chosen.session) && views.length) choose("session", views[0].session);
  table.setRows(views);
  if (table.chosen !== chosen.session) table.choose(chosen.session);
  paintCounts(views);
  const view = state.sessions.get(chosen.session);
  if (view) paintDetail(view);
}

function paintCounts(views) {
  const counts = new Map();
  for (const view of views) {
    const [kind] = sessionState(view);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const words = { good: "on", wait: "busy", bad: "down", done: "out" };
  const wanted = [...counts].map(([kind, count]) => [kind, `${count} ${words[kind]}`]);
  const host = byId("sessions-counts");
  if (host.wanted === String(wanted)) return;
  host.wanted = String(wanted);
  host.replaceChildren(...wanted.map(([kind, text]) => el("span", { class: `pill ${kind}`, text })));
}

/** The times are those of a connection. */
const nothingYet = (view) => (view.status === "LOGGED_ON" ? "nothing yet on this connection" : "not logged on");

function paintDetail(view) {
  const now = Date.now();
  setText(byId("session-name"), shortName(view.session));
  setText(byId("session-about"), `${view.session.split(":")[0]}, ${view.role}, heartbeat ${view.heartBtInt} s`);
  for (const one of byId("session-actions").children) {
    const action = ACTIONS.find(({ name }) => name === one.dataset.action);
    // An exchange is asked for none of it.
    one.hidden = about.isAlone || !isOffered(action, view);
    one.disabled = !isLive() || isReadOnly();
  }
  setText(byId("tile-in"), view.nextIn.toLocaleString("en"));
  setText(byId("tile-in-note"), view.lastReceived ? `last received ${age(now - view.lastReceived * 1000)} ago` : nothingYet(view));
  setText(byId("tile-out"), view.nextOut.toLocaleString("en"));
  setText(byId("tile-out-note"), view.lastSent ? `last sent ${age(now - view.lastSent * 1000)} ago` : nothingYet(view));
  setText(byId("tile-gap"), view.gap ? String(missing(view.gap)) : "0");
  setText(byId("tile-gap-note"), view.gap ? `${view.gap.begin} to ${view.gap.end} asked for` : "in order");
  const quiet = silence(view, now);
  setText(byId("tile-silent"), quiet.seconds === null ? NONE : age(quiet.seconds * 1000));
  setText(byId("tile-silent-note"), quiet.words);
  const [kind, words] = sessionState(view);
  const said = byId("session-words");
  setClass(said, `callout ${{ good: "good", wait: "warn", bad: "bad", done: "" }[kind]}`);
  setText(said, `${words}. ${view.detail ?? ""}${view.halted ? ` New orders are refused: ${view.halted.by}, ${view.halted.reason}.` : ""}`);
  paintFacts(view);
  paintEvents(view.session);
  paintTraffic(byId("traffic"), view.session);
}

/** How long the last TestRequest of an operator took to be answered; null where there was none. */
function roundTrip(test) {
  if (!test) return null;
  const sent = `${test.testReqID}, ${clockSeconds(test.sent * 1000)} UTC`;
  return Number.isFinite(test.roundTripMs) ? `${test.roundTripMs.toFixed(2)} ms (${sent})` : `no answer yet (${sent})`;
}

/** What the counterparty of a session said last with Text(58) in a Logout or a Reject, of the messages that are kept. */
const lastWords = { of: null, on: null, text: null };

async function askLastWords(view) {
  // Other ones come with another state.
  const on = `${view.session} ${view.status} ${view.since}`;
  // An exchange alone keeps no messages.
  if (lastWords.on === on || !isLive() || about.isAlone) return;
  Object.assign(lastWords, { of: view.session, on, text: null });
  const answers = await Promise.all(["5", "3", "j"].map((type) => get(`/api/messages?limit=5&type=${type}&session=${inPath(view.session)}`).catch(() => null)));
  if (lastWords.on !== on) return;
  const said = answers.flatMap((answer) => answer?.messages ?? []).filter(({ direction }) => direction === "in").sort((a, b) => b.id - a.id)
    .map((message) => ({ message, text: fieldsOf(message.raw).find(([tag]) => tag === "58")?.[1] })).find(({ text }) => text);
  if (!said) return;
  lastWords.text = `${said.text} (${summary(said.message.raw).name}, ${clock(milliseconds(said.message.time))} UTC)`;
  paint();
}

function paintFacts(view) {
  askLastWords(view);
  const facts = [
    ["Phase", view.phase],
    ["Since", `${clock(view.since * 1000)} UTC`],
    ["Numbers began at 1", view.numbersSince ? `${clockSeconds(view.numbersSince * 1000)} UTC` : null],
    ["Schedule", about.known?.schedules?.[view.session] ?? null],
    ["Replaying", view.resending ? "yes: the counterparty asked for messages again" : "no"],
    ["Last words of the counterparty", lastWords.of === view.session ? lastWords.text : null],
    ["Round trip", measuredTrip(view.roundTrip)],
    ["Round trip of a TestRequest", roundTrip(view.testRequest)],
  ].filter(([, value]) => value !== null);
  const host = byId("session-facts");
  if (host.wanted === String(facts)) return;
  host.wanted = String(facts);
  host.replaceChildren(...facts.map(([name, value]) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { text: value }))));
}

function paintEvents(session) {
  const events = happened(session).slice(-30).reverse();
  const host = byId("session-events");
  const wanted = `${session} ${events.length} ${events[0]?.time}`;
  if (host.wanted === wanted) return;
  host.wanted = wanted;
  host.replaceChildren(...(events.length ? events.map((event) => el("li", {}, el("span", { class: "mono dim", text: clock(event.time) }), el("b", { class: event.kind, text: event.what }), el("span", { text: event.text }))) : [el("li", { class: "note", text: "Nothing since this view was opened." })]));
}
