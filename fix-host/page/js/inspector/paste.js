// A log that is pasted or dropped: any text with FIX in it, of any version and size, read in this browser.

import { byId, button, el, setClass, setText } from "../dom.js";
import { bytes } from "../pure/numbers.js";
import { openLog } from "./decode.js";

let give;
let rowsCame;

/** `onLog(log)` takes a log that was opened, `onRows()` is told when rows of it have come. */
export function buildPaste(onLog, onRows) {
  give = onLog;
  rowsCame = onRows;
  const text = el("textarea", { id: "paste-text", "aria-label": "FIX text or a log", spellcheck: "false", placeholder: "Drop a log, or paste FIX text. FIX 4.0 to 5.0 SP2; SOH, | or ^A between fields; other text around the messages does no harm." });
  const box = el("div", { class: "pastebox", id: "pastebox", hidden: true }, text,
    el("div", { class: "row" }, button("Decode", () => take(new Blob([text.value])), { class: "primary", id: "paste-do" }), el("label", {}, el("input", { type: "file", id: "paste-file", "aria-label": "Choose a file", on: { change: chosenFile } })), button("Close", closePaste), el("span", { class: "said", id: "paste-said", role: "status" })));
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("dropping"); });
  box.addEventListener("dragleave", () => box.classList.remove("dropping"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("dropping");
    const file = event.dataTransfer.files[0];
    if (file) take(file);
    else text.value = event.dataTransfer.getData("text/plain");
  });
  text.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && take(new Blob([text.value])));
  return box;
}

/** The same one can be chosen again, for what was written to it since. */
function chosenFile({ target }) {
  const [file] = target.files;
  target.value = "";
  if (file) take(file);
}

export function openPaste() {
  byId("pastebox").hidden = false;
  byId("lanes").hidden = true;
  byId("paste-text").focus();
}

/** As if it were dropped into the box. */
export function takeFile(file) {
  openPaste();
  take(file);
}

function closePaste() {
  byId("pastebox").hidden = true;
  byId("lanes").hidden = false;
}

/** Finds the messages of a file, of which no more than where they are is held. */
async function take(file) {
  try {
    const log = await openLog(file, (at) => say(`Reading: ${bytes(at)} of ${bytes(file.size)}\u2026`, ""), rowsCame);
    if (!log) return;
    if (!log.length) return say("No FIX message was found in it.", "bad");
    say("", "");
    closePaste();
    give(log);
  } catch (problem) {
    say(problem.message, "bad");
  }
}

function say(text, kind) {
  setText(byId("paste-said"), text);
  setClass(byId("paste-said"), `said ${kind}`);
}
