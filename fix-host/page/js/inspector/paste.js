// A log that is pasted or dropped: any text with FIX in it, of any version, decoded here piece by piece.

import { byId, button, el, setClass, setText } from "../dom.js";
import { bytes } from "../pure/numbers.js";
import { decode, flat } from "./decode.js";

/** As much is decoded at once; the page answers between two pieces. */
const PIECE = 1024 * 1024;
const MOST = 20_000;
let give;

export function buildPaste(onMessages) {
  give = onMessages;
  const text = el("textarea", { id: "paste-text", "aria-label": "FIX text or a log", spellcheck: "false", placeholder: "Drop a log, or paste FIX text.\nFIX 4.0 to 5.0 SP2; SOH, | or ^A between fields; other text around the messages does no harm." });
  const box = el("div", { class: "pastebox", id: "pastebox", hidden: true }, text,
    el("div", { class: "row" }, button("Decode", () => take(new Blob([text.value])), { class: "primary", id: "paste-do" }), el("label", {}, el("input", { type: "file", id: "paste-file", "aria-label": "Choose a file", on: { change: (event) => event.target.files[0] && take(event.target.files[0]) } })), button("Close", closePaste), el("span", { class: "said", id: "paste-said", role: "status" })));
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

export function openPaste() {
  byId("pastebox").hidden = false;
  byId("lanes").hidden = true;
  byId("paste-text").focus();
}

function closePaste() {
  byId("pastebox").hidden = true;
  byId("lanes").hidden = false;
}

/** Reads a file piece by piece, each cut at a line's end, so that one of any size is read without holding it all. */
async function take(file) {
  const messages = [];
  asMessage.first = undefined;
  let [at, rest, line] = [0, "", 0];
  const decoder = new TextDecoder();
  try {
    while (at < file.size && messages.length < MOST) {
      const piece = rest + decoder.decode(await file.slice(at, at + PIECE).arrayBuffer(), { stream: true });
      at += PIECE;
      const cut = at < file.size ? piece.lastIndexOf("\n") + 1 || piece.length : piece.length;
      rest = piece.slice(cut);
      const part = piece.slice(0, cut);
      say(`Decoding: ${bytes(Math.min(at, file.size))} of ${bytes(file.size)}\u2026`, "");
      for (const decoded of part.trim() ? await decode(part) : []) messages.push(asMessage(decoded, line));
      line += part.split("\n").length - 1;
    }
  } catch (problem) {
    return say(problem.message, "bad");
  }
  if (!messages.length) return say("No FIX message was found in it.", "bad");
  say(messages.length >= MOST ? `The first ${MOST} messages are shown.` : "", "");
  closePaste();
  give(messages);
}

function say(text, kind) {
  setText(byId("paste-said"), text);
  setClass(byId("paste-said"), `said ${kind}`);
}

/** A decoded message as one of the lanes; whose it is shows by the CompID that sent the first one. */
function asMessage(decoded, line) {
  const fields = flat(decoded.fields ?? []);
  const raw = fields.map(({ tag, value }) => `${tag}=${value}`).join("\u0001");
  const sender = fields.find(({ tag }) => tag === 49)?.value;
  asMessage.first ??= sender;
  return {
    decoded,
    raw: `${raw}\u0001`,
    time: fields.find(({ tag }) => tag === 52)?.value,
    line: decoded.line ? decoded.line + line : undefined,
    direction: sender === asMessage.first ? "out" : "in",
    note: decoded.garbled ?? fields.find(({ tag }) => tag === 8)?.value ?? "",
    kind: decoded.garbled ? "bad" : undefined,
  };
}
