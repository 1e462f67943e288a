// What fields mean, said by the engine's own decoder over the local API. It is not WebAssembly: see ARCHITECTURE.md.

import { decodedList, fieldsOf } from "../pure/fix.js";

/** Decodes FIX text; throws with the engine's words. */
export async function decode(text) {
  let answer;
  try {
    answer = await fetch("/api/decode", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }), credentials: "same-origin" });
  } catch {
    throw new Error("No connection to the engine.");
  }
  const body = await answer.text();
  if (answer.ok) return decodedList(body);
  let words;
  try {
    words = JSON.parse(body).error;
  } catch {
    words = null;
  }
  throw new Error(words ?? `The engine answered ${answer.status}.`);
}

/** The fields without names, where nobody can say more. */
export function plain(raw) {
  return { fields: fieldsOf(raw).map(([tag, value]) => ({ tag: Number(tag), value })) };
}

/** Fields and the entries of groups in one list, each with its depth. */
export function flat(fields, depth = 0) {
  return fields.flatMap((field) => [
    { ...field, depth },
    ...(field.entries ?? []).flatMap((entry, number) => flat(entry, depth + 1).map((inner, place) => (place === 0 ? { ...inner, entry: number + 1 } : inner))),
  ]);
}
