// The chosen message: its fields with names and meanings, what is wrong with it, its bytes, and how it differs from another.

import { byId, button, copy, el, segmented, setText } from "../dom.js";
import { differences, shown } from "../pure/fix.js";
import { visible } from "../pure/visible.js";
import { changed } from "../store.js";
import { fieldRow } from "../trade/wire.js";
import { decode, flat, plain } from "./decode.js";
import { summaryOf } from "./summary.js";

let current = null;
let marked = null;
let form = "tree";
let withChanging = false;
let number = 0;

export function buildDecoded() {
  return el("section", { class: "panel decoded", "aria-labelledby": "decoded-title" },
    el("div", { class: "head" }, el("h2", { id: "decoded-title", text: "Message" }), el("span", { id: "decoded-findings" }), el("span", { class: "push" }),
      segmented("Shown as", [["tree", "Fields"], ["json", "JSON"]], form, (value) => { form = value; paint(); })),
    el("div", { class: "body", id: "decoded-body", tabindex: "0", role: "region", "aria-label": "Fields of the chosen message" },
      el("p", { class: "note empty", text: "Choose a message: its fields, what they mean and what is wrong with it show here." })),
    el("div", { id: "raw-part", hidden: true },
      el("div", { class: "head" }, el("h2", { text: "Raw" }), el("span", { class: "aside", id: "raw-about" }), el("span", { class: "push" }), button("Mark for diff", () => markForDiff(current?.message)), button("Copy", copyRaw)),
      el("div", { class: "rawbox", id: "raw", tabindex: "0", role: "region", "aria-label": "The message as it was on the wire" })),
    el("div", { class: "diffbox", id: "diff-part", hidden: true },
      el("div", { class: "head" }, el("h2", { text: "Diff" }), el("span", { class: "aside", id: "diff-about" }), el("span", { class: "push" }),
        button("With times and numbers", (event) => { withChanging = !withChanging; event.currentTarget.setAttribute("aria-pressed", String(withChanging)); paintDiff(); }, { "aria-pressed": "false" }), button("Close", clearDiff)),
      el("table", { class: "fields diff", "aria-label": "Fields that differ" }, el("tbody", { id: "diff" }))));
}

export async function showMessage(message) {
  const mine = (number += 1);
  if (message.loading) await message.loading;
  if (mine !== number) return;
  current = { message, decoded: message.decoded ?? null, error: null };
  if (!current.decoded) {
    const outcome = await decode(message.raw).then((decoded) => ({ decoded }), (problem) => ({ error: problem.message }));
    if (mine !== number) return;
    current.decoded = message.decoded = outcome.decoded ?? null;
    current.error = outcome.error ?? null;
  }
  paint();
}

function copyRaw(event) {
  const target = event.currentTarget;
  copy(shown(current?.message.raw ?? "")).then(() => setText(target, "Copied"), () => setText(target, "Not copied"));
  setTimeout(() => setText(target, "Copy"), 1500);
}

/** What the decoder says is wrong, as [tag or null, words]. */
function findings(decoded) {
  const present = new Set(flat(decoded?.fields ?? []).map(({ tag }) => tag));
  const found = (decoded?.findings ?? []).map(({ tag, text, rule }) => (present.has(tag) ? [tag, `${text} (373=${rule})`] : [null, `${tag ? `Tag ${tag}: ` : ""}${text} (373=${rule})`]));
  if (decoded?.garbled) found.unshift([null, decoded.garbled]);
  return found;
}

function paint() {
  if (!current) return;
  const { message, decoded, error } = current;
  const { name, seq } = summaryOf(message);
  setText(byId("decoded-title"), `${decoded?.name ?? name} ${seq}`);
  const found = findings(decoded);
  const count = byId("decoded-findings");
  count.className = found.length ? "pill bad" : "";
  setText(count, found.length ? `! ${found.length} ${found.length === 1 ? "finding" : "findings"}` : "");
  const body = byId("decoded-body");
  const notes = [...(error ? [el("p", { class: "callout warn", text: `Names are missing: ${error}` })] : []), ...(decoded?.gap ? [el("p", { class: "callout warn", text: `MsgSeqNum(34), as far as this log goes: ${decoded.gap}.` })] : []), ...found.filter(([tag]) => tag === null).map(([, text]) => el("p", { class: "callout bad", text }))];
  body.replaceChildren(...notes, form === "json" ? el("pre", { class: "rawbox mono", lines: JSON.stringify(decoded ?? plain(message.raw), null, 2) }) : tree(decoded ?? plain(message.raw), found));
  byId("raw-part").hidden = false;
  setText(byId("raw-about"), `${decoded?.bytes ?? new TextEncoder().encode(message.raw).length} bytes${decoded?.garbled ? "" : decoded ? ", length and checksum right" : ""}`);
  byId("raw").replaceChildren(...shown(message.raw).split("|").flatMap((part, place) => (place ? [el("span", { class: "soh", text: "|" }), visible(part)] : [visible(part)])));
  paintDiff();
}

function tree(decoded, found) {
  const rows = flat(decoded.fields ?? []).flatMap((field) => {
    const wrong = field.tag === undefined ? [] : found.filter(([tag]) => tag === field.tag);
    if (field.malformed) wrong.push([field.tag, field.malformed]);
    const entry = field.entry ? `${field.entry}. ` : "";
    const value = field.value ?? `${field.value_hex} (bytes that are no text)`;
    const row = fieldRow({ ...field, tag: field.tag ?? "", value, name: `${entry}${field.name ?? (field.tag ? "not in the dictionary" : "no field")}` }, `group${Math.min(2, field.depth)}${wrong.length ? " wrong" : ""}`);
    return [row, ...wrong.map(([, text]) => el("tr", { class: "finding" }, el("td"), el("td", { colspan: "2", text })))];
  });
  return el("table", { class: "fields", "aria-label": "Fields" }, el("tbody", {}, ...rows));
}

/** The first press marks a message, the second compares the chosen one with it. */
export function markForDiff(message) {
  if (!message) return;
  if (marked) marked.isMarked = false;
  if (!marked || marked === message) {
    marked = marked === message ? null : message;
    if (marked) marked.isMarked = true;
  } else marked.isMarked = true;
  changed("marked");
  paintDiff();
}

export function clearDiff() {
  if (marked) marked.isMarked = false;
  marked = null;
  changed("marked");
  paintDiff();
}

function paintDiff() {
  const isShown = Boolean(marked && current && marked !== current.message);
  byId("diff-part").hidden = !isShown;
  if (!isShown) return;
  const found = differences(marked.raw, current.message.raw, withChanging);
  setText(byId("diff-about"), `${summaryOf(marked).seq} and ${summaryOf(current.message).seq}: ${found.length} ${found.length === 1 ? "field differs" : "fields differ"}`);
  const names = new Map([marked.decoded, current.decoded].filter(Boolean).flatMap((decoded) => flat(decoded.fields ?? []).map((field) => [String(field.tag), field.name])));
  byId("diff").replaceChildren(...found.map(([tag, old, now]) => el("tr", {},
    el("td", { class: "tag", text: tag }), el("td", { class: "name", text: names.get(tag) ?? "" }),
    el("td", { class: "value" }, el("span", { class: "old", text: old === null ? "" : `\u2212 ${old}` })),
    el("td", { class: "value" }, el("span", { class: "new", text: now === null ? "" : `+ ${now}` })))));
}
