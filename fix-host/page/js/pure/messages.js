// FIX messages in any text: where they are, whether their length and checksum are right, their fields by a table of names.

import { fieldsOf } from "./fix.js";

const BEGIN = /8=FIX(?:T\.1\.1|\.\d\.\d\w*)(\u0001|\||\^A)9=/g;
const bytes = new TextEncoder();

/** The messages in `text` as { raw, line, garbled }: SOH between the fields, `garbled` null or what is wrong. */
export function findMessages(text) {
  const begins = [...text.matchAll(BEGIN)];
  let [line, counted] = [1, 0];
  return begins.map((begin, number) => {
    line += text.slice(counted, begin.index).split("\n").length - 1;
    counted = begin.index;
    const rest = text.slice(begin.index, begins[number + 1]?.index);
    const separator = begin[1];
    const quoted = separator === "\u0001" ? separator : `\\${separator}`;
    const end = new RegExp(`${quoted}10=\\d{3}`).exec(rest);
    const own = end ? rest.slice(0, end.index + end[0].length) : rest.split("\n")[0];
    const raw = `${own.replaceAll(separator, "\u0001").replace(/\u0001$/, "")}\u0001`;
    return { raw, line, garbled: end ? judge(raw) : "CheckSum(10) is missing at its end" };
  });
}

/** What is wrong with BodyLength(9) or CheckSum(10); null where nothing is. */
export function judge(raw) {
  const head = /^8=[^\u0001]*\u00019=([^\u0001]*)\u0001/.exec(raw);
  const end = /\u000110=(\d{3})\u0001$/.exec(raw);
  if (!head || !end) return "it does not begin with 8= and 9= and end with 10=";
  const body = bytes.encode(raw.slice(head[0].length, end.index + 1)).length;
  if (head[1] !== String(body)) return `BodyLength(9) is ${head[1]}, counted ${body}`;
  const sum = bytes.encode(raw.slice(0, end.index + 1)).reduce((all, byte) => (all + byte) % 256, 0);
  const wanted = String(sum).padStart(3, "0");
  return end[1] === wanted ? null : `CheckSum(10) is ${end[1]}, counted ${wanted}`;
}

/** The message with names and meanings of `table`: tag -> [name, codes]. Groups stay flat. */
export function named({ raw, line, garbled }, table) {
  const fields = fieldsOf(raw).map(([tag, value]) => {
    const [name, codes] = table?.[tag] ?? [];
    const field = { tag: Number(tag), value };
    if (name) field.name = name;
    if (codes && Object.hasOwn(codes, value)) field.meaning = codes[value];
    return field;
  });
  const type = fields.find((field) => field.tag === 35);
  return { fields, line, garbled: garbled ?? undefined, findings: findings(fields, table), type: type?.value };
}

/** Codes that the table does not have, of fields that have codes. */
function findings(fields, table) {
  const known = fields.filter(({ tag, value, meaning }) => table?.[tag]?.[1] && !meaning && value.length <= 3);
  return known.map(({ tag, name, value }) => ({ tag, text: `${value} is no ${name} of this version's dictionary.` }));
}
