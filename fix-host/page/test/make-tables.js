// node test/make-tables.js writes the tables of the inspector (tables/) from the dictionaries in config/.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const config = new URL("../../../config/", import.meta.url);

/** Each table and the dictionaries that it is made of; what comes later adds to what was before. */
export const SOURCES = {
  "FIX.4.0": ["versions/FIX40.xml"],
  "FIX.4.1": ["versions/FIX41.xml"],
  "FIX.4.2": ["versions/FIX42.xml"],
  "FIX.4.3": ["versions/FIX43.xml"],
  "FIX.4.4": ["FIX44.xml"],
  "FIXT.1.1": ["versions/FIX50SP2.xml", "versions/FIXT11.xml"],
};

/** tag -> [name, { code: meaning }] as JSON text. */
export function tableText(files) {
  const table = {};
  for (const file of files) {
    let tag = null;
    for (const line of readFileSync(new URL(file, config), "utf8").split("\n")) {
      const field = /<field number=['"](\d+)['"] name=['"](\w+)['"]/.exec(line);
      if (field) table[(tag = field[1])] ??= [field[2]];
      const code = /<value enum=['"]([^'"]*)['"] description=['"]([^'"]*)['"]/.exec(line);
      if (code && tag) (table[tag][1] ??= {})[code[1]] ??= code[2];
    }
  }
  return `${JSON.stringify(table)}\n`;
}

export const tablePath = (name) => fileURLToPath(new URL(`../tables/${name}.json`, import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const [name, files] of Object.entries(SOURCES)) writeFileSync(tablePath(name), tableText(files));
