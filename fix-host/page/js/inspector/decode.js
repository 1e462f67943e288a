// What messages say: asked of the worker, in which fix-core itself decodes. Nothing leaves the browser.

import { fieldsOf } from "../pure/fix.js";

/** So many decoded messages of a log are kept for when they come into view again. */
const KEPT = 2000;
let worker = null;
let asked = 0;
let logs = 0;
const waiting = new Map();

/** Starts the worker, and with it the decoder. */
export function startDecoder() {
  if (worker) return;
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    const one = waiting.get(data.number);
    if (data.progress !== undefined) return one?.tell?.(data.progress);
    waiting.delete(data.number);
    if (data.error === undefined) one?.done(data.answer);
    else one?.failed(new Error(data.error));
  });
  worker.addEventListener("error", (event) => {
    for (const { failed } of waiting.values()) failed(new Error(event.message || "The decoder could not be started."));
    waiting.clear();
    worker = null;
  });
}

function ask(what, about, tell) {
  startDecoder();
  asked += 1;
  const number = asked;
  return new Promise((done, failed) => {
    waiting.set(number, { done, failed, tell });
    worker.postMessage({ number, what, ...about });
  });
}

/** What one message says. */
export const decode = (text) => ask("decode", { text });

/** Opens a log: null if another was opened meanwhile. `tell(bytes)` says how far it is; `changed` that rows have come. */
export async function openLog(file, tell, changed) {
  const opened = await ask("open", { file }, tell);
  return opened && new Log(opened, changed);
}

/** The messages of a log, decoded when they are looked at. */
class Log {
  constructor({ count, sender }, changed) {
    logs += 1;
    /** What the ids of its messages begin with. */
    this.name = `log ${logs} `;
    this.length = count;
    this.sender = this.firstSender = sender;
    this.changed = changed;
    this.kept = new Map();
    this.wanted = [];
  }

  /** The rows that a search finds, between two parties or any; null if another log was opened meanwhile. */
  async search(text, parties) {
    const numbers = await ask("search", { text, parties });
    return numbers && new Rows(this, numbers);
  }

  /** Between whom its messages are; null if another log was opened meanwhile. */
  sessions() {
    return ask("sessions", {});
  }

  /** Who has the left lane from now on. */
  isOf(sender) {
    this.sender = sender;
    for (const message of this.kept.values()) if (message.decoded) message.direction = this.directionOf(message.decoded);
  }

  directionOf({ fields }) {
    const sender = fields.find((field) => field.tag === 49)?.value;
    return sender === undefined ? null : sender === this.sender ? "out" : "in";
  }

  all() {
    return new Rows(this, null);
  }

  message(number) {
    let message = this.kept.get(number);
    if (!message) {
      message = { id: `${this.name}${number}`, number };
      this.kept.set(number, message);
      this.wanted.push(message);
      if (this.wanted.length === 1) this.loading = Promise.resolve().then(() => this.load());
      message.loading = this.loading;
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    }
    return message;
  }

  async load() {
    const wanted = this.wanted.splice(0);
    try {
      const rows = await ask("rows", { numbers: wanted.map(({ number }) => number) });
      rows.forEach((decoded, place) => Object.assign(wanted[place], this.asMessage(decoded)));
    } catch (problem) {
      for (const message of wanted) Object.assign(message, { raw: "", note: `It cannot be read: ${problem.message}`, kind: "bad" });
    }
    for (const message of wanted) message.loading = null;
    this.changed();
  }

  /** As one of the lanes; the CompID that sent the first one has the left lane. */
  asMessage(decoded) {
    const of = (tag) => decoded.fields.find((field) => field.tag === tag)?.value;
    return {
      decoded,
      raw: decoded.raw,
      time: of(52),
      line: decoded.at_line,
      direction: this.directionOf(decoded),
      note: decoded.garbled ?? [decoded.gap, decoded.findings[0]?.text].filter(Boolean).join("; "),
      kind: decoded.garbled ? "bad" : undefined,
    };
  }
}

/** Rows of a table that are made as they come into view. */
class Rows {
  constructor(log, numbers) {
    this.log = log;
    this.numbers = numbers;
    this.length = numbers ? numbers.length : log.length;
  }

  at(place) {
    return this.log.message(this.numbers ? this.numbers[place] : place);
  }

  /** The place of the row with this id; undefined if it is none of these. */
  placeOf(id) {
    if (typeof id !== "string" || !id.startsWith(this.log.name)) return undefined;
    const number = Number(id.slice(this.log.name.length));
    if (!this.numbers) return number < this.length ? number : undefined;
    let [from, to] = [0, this.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.numbers[middle] < number) from = middle + 1;
      else to = middle;
    }
    return this.numbers[from] === number ? from : undefined;
  }
}

/** The fields without names, where there is no decoder. */
export const plain = (raw) => ({ fields: fieldsOf(raw).map(([tag, value]) => ({ tag: Number(tag), value })) });

/** Fields and the entries of groups in one list, each with its depth. */
export function flat(fields, depth = 0) {
  return fields.flatMap((field) => [
    { ...field, depth },
    ...(field.entries ?? []).flatMap((entry, number) => flat(entry, depth + 1).map((inner, place) => (place === 0 ? { ...inner, entry: number + 1 } : inner))),
  ]);
}
