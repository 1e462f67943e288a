// The engine's own decoder (fix-core), compiled to WebAssembly: its buffers, and the dictionaries that it asks for.

/** The versions in the order in which the decoder numbers them. */
export const VERSIONS = ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"];
const NEEDS = -1;
/** Bytes of the place of a message: offset, length, line, version. */
const PLACE = 20;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Decoder {
  /** `dictionary(file)` promises the bytes of a dictionary such as `FIX42.xml`. */
  constructor(instance, dictionary) {
    this.module = instance.exports;
    this.dictionary = dictionary;
    this.loads = new Map();
  }

  /** A new text begins: what is read next is its first piece. */
  begin() {
    this.module.begin();
  }

  /** Reads the next piece of a text. Promises the places of the messages that are complete with it, as `Places` takes them. */
  read(piece, isLast) {
    let rest = piece;
    return this.settle(() => {
      this.put(rest);
      // It keeps what it has taken: after a dictionary only the outcome is asked for again.
      rest = new Uint8Array(0);
      return this.module.read(isLast ? 1 : 0);
    });
  }

  /** Promises what the bytes of one message say; `version` is the number of the one that its place has. */
  async decode(bytes, version = -1, line = 0) {
    const said = await this.settle(() => {
      this.put(bytes);
      return this.module.decode(version, line);
    });
    return JSON.parse(decoder.decode(said));
  }

  /** As `decode`, of text. */
  decodeText(text) {
    return this.decode(encoder.encode(text));
  }

  /** The answer of a call, which is made again once a dictionary that it needs is there. */
  async settle(call) {
    for (;;) {
      const outcome = call();
      const answer = new Uint8Array(this.module.memory.buffer, this.module.answer(), this.module.answer_len()).slice();
      if (outcome >= 0) return answer;
      const words = decoder.decode(answer);
      if (outcome !== NEEDS) throw new Error(words);
      await this.load(words);
    }
  }

  load(version) {
    if (!this.loads.has(version)) {
      const loading = this.loadNow(version);
      this.loads.set(version, loading);
      loading.catch(() => this.loads.delete(version));
    }
    return this.loads.get(version);
  }

  async loadNow(version) {
    const own = `${version.replaceAll(".", "")}.xml`;
    const files = version >= "FIX.5.0" ? ["FIXT11.xml", own] : [own];
    const texts = await Promise.all(files.map((file) => this.dictionary(file)));
    const whole = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
    texts.reduce((at, text) => (whole.set(text, at), at + text.length), 0);
    this.put(whole);
    const outcome = this.module.load(VERSIONS.indexOf(version), texts.length > 1 ? texts[0].length : 0);
    if (outcome < 0) throw new Error(decoder.decode(new Uint8Array(this.module.memory.buffer, this.module.answer(), this.module.answer_len())));
  }

  put(bytes) {
    const at = this.module.room(bytes.length);
    new Uint8Array(this.module.memory.buffer, at, bytes.length).set(bytes);
  }
}

/** Where the messages of a text are: 20 bytes for each. */
export class Places {
  constructor() {
    this.bytes = new Uint8Array(PLACE * 1024);
    this.length = 0;
  }

  push(places) {
    const end = this.length * PLACE + places.length;
    if (end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(places, this.length * PLACE);
    this.length = end / PLACE;
  }

  at(number) {
    const view = new DataView(this.bytes.buffer, number * PLACE, PLACE);
    return { offset: Number(view.getBigUint64(0, true)), len: view.getUint32(8, true), line: view.getUint32(12, true), version: view.getUint32(16, true) };
  }
}
