// What fields mean: by tables of each version of FIX, made from the dictionaries of the engine. Nothing leaves the browser;
// a table comes when a message of its version is first looked at.

import { findMessages, named } from "../pure/messages.js";

const VERSIONS = ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"];
const tables = new Map();

/** The table of a version; null where there is none. */
function tableOf(version) {
  if (!VERSIONS.includes(version)) return Promise.resolve(null);
  if (!tables.has(version)) {
    const asked = fetch(`/assets/tables/${version}.json`).then((answer) => {
      if (!answer.ok) throw new Error(`The table of ${version} could not be loaded.`);
      return answer.json();
    });
    tables.set(version, asked);
    asked.catch(() => tables.delete(version));
  }
  return tables.get(version);
}

/** The messages in any text, decoded. */
export async function decode(text) {
  const decoded = [];
  for (const message of findMessages(text)) decoded.push(named(message, await tableOf(/^8=([^\u0001]*)/.exec(message.raw)[1])));
  return decoded;
}

/** The fields without names, where there is no table. */
export const plain = (raw) => named({ raw }, null);

/** Fields and the entries of groups in one list, each with its depth. */
export function flat(fields, depth = 0) {
  return fields.flatMap((field) => [
    { ...field, depth },
    ...(field.entries ?? []).flatMap((entry, number) => flat(entry, depth + 1).map((inner, place) => (place === 0 ? { ...inner, entry: number + 1 } : inner))),
  ]);
}
