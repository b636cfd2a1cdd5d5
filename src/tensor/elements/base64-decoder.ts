import { Buffer } from "node:buffer";
import { finish, PIECE, type Steps } from "../../turns.ts";
import { parseBase64 } from "./base64.ts";

export interface Base64Options {
  /** Takes white space, the alphabet for URLs (RFC 4648 §5) and a missing padding too. @default false */
  readonly lenient?: boolean;
  /** The error for what is no base64: `got "!" at character 17`. */
  readonly refuse: (fault: string) => Error;
}

const SPACE = 64;
const PADDING = 65;
const FOREIGN = -1;

const STRICT = valuesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const LENIENT = STRICT.slice();
for (const space of " \t\n\v\f\r") LENIENT[space.charCodeAt(0)] = SPACE;
LENIENT["-".charCodeAt(0)] = 62;
LENIENT["_".charCodeAt(0)] = 63;

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(256).fill(FOREIGN);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  values["=".charCodeAt(0)] = PADDING;
  return values;
}

/** Base64 that comes in pieces. */
export class Base64Decoder {
  readonly #refuse: (fault: string) => Error;
  readonly #isLenient: boolean;
  readonly #target: Buffer;
  #end = 0;
  /** Characters that came. */
  #seen = 0;
  /** Of a group of four that is not whole yet. */
  #bits = 0;
  #count = 0;
  #padding = 0;

  /** @param characters at most. */
  constructor(characters: number, { lenient = false, refuse }: Base64Options) {
    this.#isLenient = lenient;
    this.#refuse = refuse;
    this.#target = Buffer.allocUnsafeSlow(Math.ceil((characters * 3) / 4));
  }

  /** @throws what `refuse` makes. */
  push(text: string): void {
    const isWhole = this.#count === 0 && this.#padding === 0 && !text.endsWith("=");
    const bytes = isWhole ? parseBase64(text) : undefined;
    if (bytes === undefined) {
      this.pushBytes(Buffer.from(text, "utf8"));
      return;
    }
    this.#target.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#seen += text.length;
  }

  /** The same of a text's bytes. */
  pushBytes(text: Uint8Array): void {
    const values = this.#isLenient ? LENIENT : STRICT;
    const target = this.#target;
    let bits = this.#bits;
    let count = this.#count;
    let end = this.#end;
    for (let i = 0; i < text.length; i++) {
      const value = values[text[i] as number] as number;
      if (value < SPACE && value !== FOREIGN && this.#padding === 0) {
        bits = (bits << 6) | value;
        if (++count < 4) continue;
        target[end++] = bits >> 16;
        target[end++] = bits >> 8;
        target[end++] = bits;
        bits = 0;
        count = 0;
      } else if (value === PADDING) this.#padding++;
      else if (value !== SPACE) throw this.#foreign(text, i);
    }
    this.#bits = bits;
    this.#count = count;
    this.#end = end;
    this.#seen += text.length;
  }

  /** All bytes. @throws what `refuse` makes. */
  end(): Uint8Array {
    const missing = (4 - this.#count) % 4;
    if (missing === 3) throw this.#refuse(`got one character too many, ${this.#seen} in all`);
    const isPadded = this.#padding === missing || (this.#isLenient && this.#padding === 0);
    if (!isPadded) throw this.#refuse(`got ${this.#padding} "=" at the end, expected ${missing}`);
    if (missing > 0) this.#target[this.#end++] = this.#bits >> (missing === 1 ? 10 : 4);
    if (missing === 1) this.#target[this.#end++] = this.#bits >> 2;
    return new Uint8Array(this.#target.buffer, this.#target.byteOffset, this.#end);
  }

  #foreign(text: Uint8Array, at: number): Error {
    // As much as the longest character takes; what stands before is ASCII, or it would have been refused.
    const [character = ""] = Buffer.from(text.subarray(at, at + 4)).toString("utf8");
    const after = this.#padding > 0 ? ' after "="' : "";
    return this.#refuse(`got ${JSON.stringify(character)}${after} at character ${this.#seen + at + 1}`);
  }
}

/** Bytes of a long base64 text. @param slice gives a part of the text. @throws what `refuse` makes. */
export function* decodeBase64(
  length: number,
  slice: (from: number, to: number) => string,
  options: Base64Options,
): Steps<Uint8Array> {
  const decoder = new Base64Decoder(length, options);
  for (let at = 0; at < length; at += PIECE) {
    decoder.push(slice(at, Math.min(at + PIECE, length)));
    yield;
  }
  return decoder.end();
}

/** What is wrong with a text that `parseBase64Data` does not read: `got "!" at character 17`. */
export function describeBase64Fault(text: string): string {
  const start = /^data:/i.test(text) ? text.indexOf(",") + 1 : 0;
  if (start > 0 && !/;base64,$/i.test(text.slice(0, start))) return "got a data: URL without ;base64";
  const refuse = (fault: string) => new SyntaxError(fault);
  try {
    finish(decodeBase64(text.length - start, (from, to) => text.slice(start + from, start + to), { refuse }));
  } catch (error) {
    if (error instanceof SyntaxError) return start > 0 ? `${error.message} behind the comma` : error.message;
    throw error;
  }
  return "got other text";
}
