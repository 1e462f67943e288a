// What an action on a session would send and mean, before it is done.

import { get, inPath, post } from "../api.js";
import { byId, button, el, segmented, setClass, setText } from "../dom.js";
import { meaningWords } from "../pure/codes.js";
import { actionFor, shortName, targetOf } from "../pure/sessions.js";
import { chosen, isLive, on, state } from "../store.js";
import { fieldRow } from "../trade/wire.js";
import { offer } from "../actions.js";

let action = null;
let which = "out";
let number = 0;

export function buildWhatIf() {
  const side = segmented("Which number", [["in", "Next in"], ["out", "Next out"]], which, (value) => {
    which = value;
    preset();
  });
  const box = el("section", { class: "panel whatif", "aria-labelledby": "whatif-title" },
    el("div", { class: "head" }, el("h2", { id: "whatif-title", text: "What if" }), el("span", { class: "push" }), button("Close", close, { id: "whatif-close", hidden: true })),
    el("div", { class: "body" },
      el("p", { id: "whatif-does", class: "dim", text: "Choose what to do with the session: what would go over the wire shows here first." }),
      el("div", { id: "whatif-number", class: "row", hidden: true }, side, el("input", { id: "whatif-value", inputmode: "numeric", "aria-label": "The new number", on: { input: ask } })),
      el("div", { id: "whatif-warnings", "aria-live": "polite" }),
      el("h3", { class: "cap", id: "whatif-wire", text: "What would go over the wire", hidden: true }),
      el("div", { id: "whatif-messages" })),
    el("div", { class: "foot", id: "whatif-foot", hidden: true },
      el("label", { class: "grow", id: "whatif-confirm" }, el("span", { class: "caption", id: "whatif-type" }), el("input", { id: "whatif-typed", autocomplete: "off", spellcheck: "false", on: { input: paintDo } })),
      button("", perform, { id: "whatif-do", class: "danger" })),
    el("p", { id: "whatif-said", class: "said", role: "status" }));
  on("session", () => action && openAction(action.name));
  on("link", () => action && paintDo());
  return box;
}

/** Within a sentence; a message of FIX keeps its name. */
function wordOf({ word }) {
  const plain = word.replace("\u2026", "");
  return /[a-z][A-Z]/.test(plain) ? plain : plain.toLowerCase();
}

const view = () => state.sessions.get(chosen.session);

/** Shows what `name` would do to the chosen session. */
export function openAction(name) {
  if (!view()) return;
  action = actionFor(name);
  offer("sessions", { close });
  setText(byId("whatif-title"), `What if: ${wordOf(action)}`);
  setText(byId("whatif-does"), `${shortName(view().session)}: ${action.does}.`);
  byId("whatif-close").hidden = false;
  byId("whatif-number").hidden = name !== "seqnum";
  byId("whatif-foot").hidden = false;
  byId("whatif-confirm").hidden = !action.isGrave;
  byId("whatif-typed").value = "";
  setText(byId("whatif-type"), `To do it, type the session's target: ${targetOf(view().session)}`);
  setText(byId("whatif-said"), "");
  setText(byId("whatif-do"), action.word.replace("\u2026", ""));
  setClass(byId("whatif-do"), action.isGrave ? "danger" : "primary");
  if (name === "seqnum") preset();
  else ask();
  (action.isGrave ? byId(name === "seqnum" ? "whatif-value" : "whatif-typed") : byId("whatif-do")).focus();
}

function close() {
  action = null;
  offer("sessions", { close: undefined });
  for (const id of ["whatif-close", "whatif-number", "whatif-foot", "whatif-wire"]) byId(id).hidden = true;
  setText(byId("whatif-title"), "What if");
  setText(byId("whatif-does"), "Choose what to do with the session: what would go over the wire shows here first.");
  byId("whatif-warnings").replaceChildren();
  byId("whatif-messages").replaceChildren();
}

function preset() {
  byId("whatif-value").value = String(which === "in" ? view().nextIn : view().nextOut);
  ask();
}

function details() {
  if (action.name !== "seqnum") return {};
  const value = Number(byId("whatif-value").value);
  return Number.isSafeInteger(value) && value > 0 ? { [which]: value } : null;
}

async function ask() {
  paintDo();
  const wanted = details();
  const mine = ++number;
  if (!wanted) return paintWarnings(["The number must be a whole one from 1 on."]);
  let answer;
  try {
    answer = await post(`/api/sessions/${inPath(chosen.session)}/preview`, { action: action.name, ...wanted });
  } catch (problem) {
    answer = { messages: [], warnings: [problem.message], isUnknown: true };
  }
  if (mine !== number) return;
  paintWarnings(answer.warnings);
  byId("whatif-wire").hidden = false;
  const cards = answer.messages.map((message) => {
    const type = message.fields.find((field) => field.tag === 35);
    return el("details", { class: "wiremessage", open: true }, el("summary", {}, el("b", { text: meaningWords(35, type?.meaning) ?? `35=${type?.value}` }), el("span", { class: "aside", text: ` ${message.fields.length} fields` })),
      el("table", { class: "fields" }, el("tbody", {}, ...message.fields.map((field) => fieldRow(field)))));
  });
  byId("whatif-messages").replaceChildren(...(cards.length ? cards : [el("p", { class: "note", text: answer.isUnknown ? "The engine did not say." : "Nothing is sent." })]));
}

function paintWarnings(warnings) {
  byId("whatif-warnings").replaceChildren(...warnings.map((text) => el("p", { class: "callout warn", text })));
}

function paintDo() {
  const isTyped = !action.isGrave || byId("whatif-typed").value.trim() === targetOf(chosen.session);
  byId("whatif-do").disabled = !isLive() || !isTyped || !details();
}

/** What became of a TestRequest, from the session's row after it. */
function answerTo(row) {
  const trip = row?.testRequest?.roundTripMs;
  return Number.isFinite(trip) ? `Answered after ${trip.toFixed(2)} ms.` : "Sent; no Heartbeat has answered it yet.";
}

/** What was done is not offered again as it was: the preview is of the session as it stands now. */
function renew() {
  if (["logon", "logout"].includes(action.name)) close();
  else if (action.name === "seqnum") preset();
  else ask();
}

async function perform() {
  const said = byId("whatif-said");
  const { name } = action;
  const word = action.word.replace("\u2026", "");
  byId("whatif-do").disabled = true;
  try {
    const answer = await post(`/api/sessions/${inPath(chosen.session)}/${name}`, name === "seqnum" ? details() : {});
    setText(said, name === "test-request" ? answerTo(answer) : `${word}: done.`);
    setClass(said, "said good");
    byId("whatif-typed").value = "";
    const fresh = await get("/api/sessions").catch(() => null);
    for (const one of fresh?.sessions ?? []) state.sessions.set(one.session, one);
    if (action?.name === name) renew();
  } catch (problem) {
    setText(said, `${word}: ${problem.message}`);
    setClass(said, "said bad");
  }
  if (action) paintDo();
}
