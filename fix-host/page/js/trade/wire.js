// What would go over the wire, field by field, as the engine itself would write it. It is asked for as the ticket changes.

import { post } from "../api.js";
import { byId, button, copy, el, setText } from "../dom.js";
import { meaningWords } from "../pure/codes.js";
import { changed, isLive, on, state } from "../store.js";

const PATIENCE = 70;
let timer = 0;
let number = 0;
let lastAsked = "";
/** What the sessions have sent, as of this second: after that the message would have another number. */
let numbers = "";
/** The last answer of the preview, what it was asked for, and why there is none. */
export const preview = { answer: null, error: null, isRefusal: false };

export function startWire() {
  on("second", () => {
    const now = [...state.sessions.values()].map(({ nextOut }) => nextOut).join();
    if (now === numbers) return;
    numbers = now;
    changed("numbers");
  });
  byId("wire-copy").append(button("Copy", copyWire, { title: "The message with | for SOH" }));
}

function copyWire(event) {
  const text = (preview.answer?.fix ?? "").replaceAll("\u0001", "|");
  const target = event.currentTarget;
  copy(text).then(() => setText(target, "Copied"), () => setText(target, "Not copied"));
  setTimeout(() => setText(target, "Copy"), 1500);
}

/** Asks for the preview of `body`, unless that is what was asked for last. Null: there is nothing to show. */
export function askPreview(kind, body) {
  const asked = body && JSON.stringify({ kind, ...body, numbers });
  if (asked === lastAsked) return;
  lastAsked = asked;
  clearTimeout(timer);
  number += 1;
  if (!asked) {
    Object.assign(preview, { answer: null, error: null, isRefusal: false });
    paintWire();
    return;
  }
  const mine = number;
  timer = setTimeout(async () => {
    if (!isLive()) return unheard(null);
    const outcome = await post("/api/preview", { kind, ...body }).then(
      (answer) => ({ answer, error: null, isRefusal: false }),
      (problem) => ({ answer: null, error: problem.message, isRefusal: problem.status >= 400 && problem.status < 500, isUnheard: problem.status === 0 }),
    );
    if (mine !== number) return;
    if (outcome.isUnheard) return unheard(outcome.error);
    Object.assign(preview, outcome);
    paintWire();
    changed("preview");
  }, PATIENCE);
}

/** There was no link to ask over: what is known is of another order, and the ticket asks again when it is painted. */
function unheard(error) {
  lastAsked = "";
  Object.assign(preview, { answer: null, error, isRefusal: false });
  paintWire();
  changed("preview");
}

let shown = new Map();

function paintWire() {
  const { answer, error } = preview;
  const list = byId("wire");
  const type = answer?.fields?.find((field) => field.tag === 35);
  setText(byId("wire-about"), answer ? `${type ? (meaningWords(35, type.meaning) ?? type.value) : ""}, ${answer.bytes} bytes` : "");
  byId("wire-nothing").replaceChildren(...(answer ? [] : [el("p", { class: "note", text: error ?? "The message shows here once the ticket is complete." })]));
  const before = shown;
  shown = new Map();
  list.replaceChildren(...(answer?.fields ?? []).map((field) => wireRow(field, before)));
}

function wireRow(field, before) {
  const isChanged = before.size > 0 && before.get(field.tag) !== field.value && ![9, 10, 34, 52, 60].includes(field.tag);
  shown.set(field.tag, field.value);
  return fieldRow(field, isChanged ? "changed" : "");
}

/** A field of a message: number, name, value, and what the value means. */
export function fieldRow(field, name = "") {
  const meaning = meaningWords(field.tag, field.meaning);
  return el("tr", { class: name },
    el("td", { class: "tag", text: String(field.tag) }),
    el("td", { class: "name", text: field.name ?? "" }),
    el("td", { class: "value" }, field.value, meaning ? el("span", { class: "meaning", text: ` ${meaning}` }) : null));
}
