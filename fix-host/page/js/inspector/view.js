// The inspector: what was said, what the engine decided, what is wrong with it.

import { offer } from "../actions.js";
import { get, inPath } from "../api.js";
import { byId, button, el, segmented, setText } from "../dom.js";
import { isFound, isHeartbeat, parseSearch } from "../pure/fix.js";
import { about, changed, chosen, isLive, on, state } from "../store.js";
import { want } from "../stream.js";
import { buildDecoded, clearDiff, markForDiff, showMessage } from "./decoded.js";
import { startDecoder } from "./decode.js";
import { Lanes } from "./lanes.js";
import { buildPaste, openPaste, takeFile } from "./paste.js";
import { SessionChoice, sessionsOf } from "./sessions.js";
import { summaryOf } from "./summary.js";

const STORED = 500;
let lanes;
let source = "live";
let stored = [];
/** The log that was opened, its rows that are shown, and which search of it is the last. */
let log = null;
let logSessions = [];
let logRows = [];
let logSearch = 0;
let isSearching = false;
/** Why the log could not be searched, such as that its file has changed since. */
let unsearched = null;
let search = parseSearch("");
let hidesBeats = true;
let hidesPrices = true;
let sessions;

export function start(host) {
  startDecoder();
  const field = el("input", { type: "search", class: "filter", id: "inspect-search", placeholder: "order:ID  35=8|9  /regex/  text  (OR between)", "aria-label": "Search messages", autocomplete: "off", spellcheck: "false" });
  field.addEventListener("input", () => setSearch(field.value));
  const sources = segmented("Which messages", [["live", "Live"], ["stored", "Stored"], ["pasted", "Pasted"]], source, choose);
  sources.id = "inspect-source";
  const beats = hiding("Heartbeats", "inspect-beats", (hides) => (hidesBeats = hides));
  const prices = hiding("Prices", "inspect-prices", (hides) => (hidesPrices = hides));
  sessions = new SessionChoice(chooseSession);
  const laneHost = el("div", { class: "tablehost", id: "lanes" });
  host.append(
    el("section", { class: "panel lanes", "aria-label": "Messages" },
      el("div", { class: "head inspecthead" }, field, el("span", { class: "aside", id: "inspect-count", role: "status" }), sessions.select, sources, beats, prices, button("Paste or drop a log", openPaste)),
      buildPaste((opened) => {
        log = opened;
        logRows = log.all();
        logSessions = [];
        sessions.offer(logSessions);
        askSessions(log);
        field.value = "";
        source = "pasted";
        sources.choose("pasted");
        setSearch("");
        lanes.first();
      }, () => source === "pasted" && lanes.table.paint()),
      laneHost,
      el("div", { class: "hints" }, ...[["j", "next"], ["k", "previous"], ["d", "mark for diff"], ["o", "all of this order"], ["p", "paste"]].map(([letter, words]) => el("span", {}, el("kbd", { text: letter }), ` ${words}`)), el("span", { class: "push" }), el("span", { text: "decoded in this page, nothing is uploaded" }))),
    buildDecoded(),
  );
  lanes = new Lanes(laneHost, { onChoose: showMessage, empty: nothing });
  on("messages link", () => source === "live" && paint());
  on("marked", paint);
  on("view", () => want("messages", chosen.view === "inspector"));
  on("file", takeDropped);
  on("search", () => {
    field.value = chosen.search ?? "";
    setSearch(field.value);
    searchOrder(sources);
  });
  offer("inspector", {
    filter: () => field.focus(),
    "row:next": () => lanes.step(1),
    "row:previous": () => lanes.step(-1),
    diff: () => markForDiff(lanes.chosen()),
    order: ofOrder,
    paste: openPaste,
    "row:messages": ofOrder,
    close: clearDiff,
  });
  want("messages", true);
  takeDropped();
  if (chosen.search) {
    field.value = chosen.search;
    setSearch(field.value);
    searchOrder(sources);
  }
  paint();
}

/** A button that hides messages of a kind, and shows them again. */
function hiding(kind, id, set) {
  let hides = true;
  const one = button(`${kind} hidden`, () => {
    hides = !hides;
    set(hides);
    setText(one, `${kind} ${hides ? "hidden" : "shown"}`);
    one.setAttribute("aria-pressed", String(!hides));
    paint();
  }, { id, "aria-pressed": "false" });
  return one;
}

/** A subscribed market says so much that everything else would be gone from view within seconds. */
const isPrice = (type) => type === "W" || type === "X";

/** A log that was dropped on the page, perhaps before this view was there. */
function takeDropped() {
  const { file } = chosen;
  chosen.file = null;
  if (file) takeFile(file);
}

function setSearch(text) {
  search = parseSearch(text);
  byId("inspect-search").setAttribute("aria-invalid", String(Boolean(search.error)));
  searchLog(text);
  paint();
}

/** The worker searches the whole log. */
async function searchLog(text) {
  if (!log) return;
  const mine = (logSearch += 1);
  const parties = source === "pasted" ? sessions.chosen()?.parties : undefined;
  isSearching = search.groups.length > 0 || Boolean(parties);
  unsearched = null;
  if (!isSearching) {
    logRows = log.all();
    return;
  }
  let problem = null;
  const rows = await log.search(text, parties).catch((failure) => {
    problem = failure.message;
    return [];
  });
  if (mine !== logSearch || !rows) return;
  isSearching = false;
  unsearched = problem;
  logRows = rows;
  paint();
}

/** Between whom the messages of a log are, which takes as long as a search. */
async function askSessions(of) {
  const found = await of.sessions().catch(() => null);
  if (of !== log || !found) return;
  logSessions = found.map(({ sender, target, count }) => ({ name: JSON.stringify([sender, target]), text: `${sender} \u2194 ${target} (${count.toLocaleString("en")})`, parties: [sender, target] }));
  paint();
}

function chooseSession(session) {
  if (source !== "pasted") return paint();
  log.isOf(session ? session.parties[0] : log.firstSender);
  searchLog(byId("inspect-search").value);
  paint();
}

function ofOrder() {
  const message = lanes.chosen();
  const ids = message && summaryOf(message).ids;
  if (!ids?.length) return;
  chosen.search = `order:${ids.map((id) => (/\s/.test(id) ? `"${id}"` : id)).join("|")}`;
  changed("search");
}

async function choose(which) {
  source = which;
  if (which === "stored") await askStored();
  if (which === "pasted" && log) {
    sessions.offer(logSessions);
    chooseSession(sessions.chosen());
  }
  paint();
}

/** All that is kept of an order's ids, not only what this page has heard. */
async function searchOrder(sources) {
  const ids = search.groups.flat().flatMap((term) => term.ids ?? []).slice(0, 8);
  const answers = await Promise.all(ids.map((id) => get(`/api/messages?limit=${STORED}&order=${inPath(id)}`).catch(() => null)));
  const rows = answers.flatMap((answer) => answer?.messages ?? []);
  if (rows.length) stored = [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id);
  source = rows.length ? "stored" : "live";
  sources.choose(source);
  paint();
}

async function askStored() {
  if (about.isAlone) return;
  try {
    const answer = await get(`/api/messages?limit=${STORED}`);
    stored = [...(answer.messages ?? answer)].reverse();
    nothing.error = null;
  } catch (problem) {
    stored = [];
    nothing.error = problem.message;
  }
}

const messages = () => ({ live: state.messages, stored, pasted: log?.all() ?? [] })[source];

function paint() {
  if (!lanes || chosen.view !== "inspector") return;
  const all = messages();
  sessions.offer(source === "pasted" ? logSessions : sessionsOf(all));
  const session = sessions.chosen()?.name;
  const found = source === "pasted" ? logRows : all.filter((message) => (!session || message.session === session) && (!hidesBeats || !isHeartbeat(summaryOf(message).type)) && (!hidesPrices || !isPrice(summaryOf(message).type)) && isFound(search, message));
  const said = source !== "pasted" ? null : isSearching ? "Searching\u2026" : unsearched && "Not searched";
  setText(byId("inspect-count"), search.error ?? said ?? `${found.length.toLocaleString("en")} of ${all.length.toLocaleString("en")}`);
  lanes.name(source === "pasted" ? log?.sender ?? null : undefined, sessions.chosen()?.parties);
  byId("inspect-beats").hidden = byId("inspect-prices").hidden = source === "pasted";
  lanes.show(found, source === "live");
}

function nothing() {
  if (source === "pasted" && unsearched) return ["The log could not be searched", `${unsearched} Open it again.`];
  if (messages().length) return ["Nothing found", `${messages().length.toLocaleString("en")} are hidden by the search${source === "pasted" ? "" : ", or are heartbeats or prices"}.`];
  if (source === "pasted") return ["Nothing pasted yet", "Paste or drop a log: FIX 4.0 to 5.0 SP2, with SOH, | or ^A between fields."];
  if (about.isAlone) return ["An exchange keeps no messages for this page", "Its message log (FileLogPath) has them: paste or drop it here."];
  if (source === "stored") return ["Nothing stored", nothing.error ?? "The engine keeps messages of sessions that have a journal or a message log."];
  return isLive() ? ["No messages yet", "Each message of a session shows here as it comes. Heartbeats and prices (W, X) are hidden."] : ["", "Asking the engine for its messages\u2026"];
}
