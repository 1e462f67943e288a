import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const page = fileURLToPath(new URL("..", import.meta.url));
const files = readdirSync(page, { recursive: true })
  .map(String)
  .filter((file) => /\.(html|css|js|svg|txt)$/.test(file) && !file.startsWith("test"));

/** A file of the page, and all that its browser asks for because of it. */
function withAllOf(file, known = new Set()) {
  if (known.has(file)) return known;
  known.add(file);
  const text = readFileSync(page + file, "utf8");
  const asked = file.endsWith(".html") ? [...text.matchAll(/"\/assets\/([^"]+)"/g)].map(([, path]) => path) : [...text.matchAll(/^import .*"(\..+)";$/gm)].map(([, path]) => join(dirname(file), path));
  for (const one of asked) withAllOf(one, known);
  return known;
}

const atFirst = withAllOf("index.html");

const isOurs = (file) => /\.(js|css)$/.test(file) && !file.startsWith("vendor");

/** Without lines of comment and indentation, as build.rs leaves them out. */
function packed(file) {
  if (!isOurs(file)) return readFileSync(page + file);
  let isInComment = false;
  return readFileSync(page + file, "utf8").split("\n").map((line) => {
    const text = line.trimStart();
    isInComment ||= text.startsWith("/*");
    const kept = isInComment || text.startsWith("//") ? "" : text;
    isInComment &&= !text.endsWith("*/");
    return kept;
  }).join("\n");
}

const sent = (some) => some.reduce((sum, file) => sum + gzipSync(packed(file), { level: 9 }).length, 0);

// What counts as the page is what a browser asks for to show Trade; each other view comes when it is first looked at.
test("what the page loads is well below 100 kB as it is sent, and the views that come later less than half of that", () => {
  const first = sent([...atFirst]);
  assert.ok(first <= 96_000, `${first} bytes`);
  const later = sent(files.filter((file) => !atFirst.has(file)));
  assert.ok(later <= 45_000, `${later} bytes`);
});

test("what is left out when the page is packed is comment alone", () => {
  for (const file of files.filter(isOurs)) {
    const text = readFileSync(page + file, "utf8");
    assert.doesNotMatch(text, /^\s*\/\*.*\*\/[^\S\n]*\S/m, `${file}: something behind a comment that begins a line`);
    if (!file.endsWith(".js")) continue;
    for (const [place, line] of text.split("\n").entries()) assert.equal((line.match(/(?<!\\)`/g) ?? []).length % 2, 0, `${file}:${place + 1}: a text that goes over more than a line`);
  }
});

test("the decoder is at most 250 kB as it is sent", () => {
  const bytes = sent(["wasm/decoder.wasm"]);
  assert.ok(bytes <= 250_000, `${bytes} bytes`);
});

test("nothing in it can run by its text: no HTML from strings, no script, style or address of another place in it", () => {
  const banned = [/\.(inner|outer)HTML/, /insertAdjacentHTML/, /document\.write/, /\beval\(/, /new Function/, /setAttribute\("(style|on)/, /\bsrcdoc\b/];
  for (const file of files.filter((file) => file.endsWith(".js") && !file.startsWith("vendor"))) {
    const text = readFileSync(page + file, "utf8");
    for (const pattern of banned) assert.doesNotMatch(text, pattern, file);
  }
  for (const file of files.filter((file) => file.endsWith(".html"))) {
    const text = readFileSync(page + file, "utf8");
    assert.doesNotMatch(text, /\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)|https?:/, file);
  }
});

test("modules are small", () => {
  for (const file of files.filter((file) => file.endsWith(".js") && !file.startsWith("vendor"))) {
    const lines = readFileSync(page + file, "utf8").split("\n").length;
    assert.ok(lines <= 251, `${file} has ${lines} lines`);
  }
});
