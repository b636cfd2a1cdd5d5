import { Buffer } from "node:buffer";
import { Base64Decoder } from "../tensor/elements/base64-decoder.ts";
import { finish, PIECE, type Steps, type Turns } from "../turns.ts";

/** Where the content of a text begins, and what it is written in. */
export interface TextForm {
  readonly start: number;
  readonly isBase64: boolean;
  /** Percent escapes, as in URLs. */
  readonly hasEscapes: boolean;
  /** The error for what is no base64. */
  readonly refuse: (fault: string) => Error;
}

/** Bytes that a request carries as text, a string or its bytes in UTF-8: read once, when they are first asked for. */
export class TextSource {
  /** Key of the row that held it. */
  readonly field?: string;
  /** @throws InferenceError invalid_argument when the text is no base64. */
  declare readonly bytes: Uint8Array;
  readonly #text: string | Uint8Array;
  readonly #form: TextForm;
  #bytes: Uint8Array | undefined;

  constructor(text: string | Uint8Array, form: TextForm, field: string | undefined) {
    this.#text = text;
    this.#form = form;
    if (field !== undefined) this.field = field;
    // A property of its own, so that copies of the source have its bytes.
    Object.defineProperty(this, "bytes", { enumerable: true, get: () => this.#readAtOnce() });
  }

  #readAtOnce(): Uint8Array {
    this.#bytes ??= finish(readText(this.#text, this.#form));
    return this.#bytes;
  }

  /** The same, in turns with other work. */
  async read(turns: Turns): Promise<Uint8Array> {
    this.#bytes ??= await turns.finish(readText(this.#text, this.#form));
    return this.#bytes;
  }
}

function* readText(text: string | Uint8Array, { start, isBase64, hasEscapes, refuse }: TextForm): Steps<Uint8Array> {
  const decoder = isBase64 ? new Base64Decoder(text.length - start, { lenient: true, refuse }) : undefined;
  const plain = isBase64 ? undefined : Buffer.allocUnsafeSlow(utf8Length(text));
  let length = 0;
  for (let from = start; from < text.length; ) {
    const to = endOfPiece(text, from);
    if (decoder !== undefined && !hasEscapes && typeof text === "string") decoder.push(text.slice(from, to));
    else {
      const piece = Buffer.from(typeof text === "string" ? text.slice(from, to) : text.subarray(from, to));
      const bytes = hasEscapes ? decodePercent(piece) : piece;
      decoder?.pushBytes(bytes);
      plain?.set(bytes, length);
      length += bytes.length;
    }
    from = to;
    yield;
  }
  return decoder?.end() ?? new Uint8Array(plain?.buffer ?? new ArrayBuffer(0), 0, length);
}

function utf8Length(text: string | Uint8Array): number {
  return typeof text === "string" ? Buffer.byteLength(text, "utf8") : text.length;
}

/** Where no escape and no character is cut in two. */
function endOfPiece(text: string | Uint8Array, from: number): number {
  const to = from + PIECE;
  if (to >= text.length) return text.length;
  const codeAt = (at: number) => (typeof text === "string" ? text.charCodeAt(at) : (text[at] as number));
  if (codeAt(to - 1) === PERCENT || (codeAt(to - 1) & 0xfc00) === 0xd800) return to - 1;
  return codeAt(to - 2) === PERCENT ? to - 2 : to;
}

/** In place and in one pass: a replacement for each escape holds the event loop for seconds where there are millions. */
function decodePercent(bytes: Buffer): Uint8Array {
  let to = bytes.indexOf(PERCENT);
  if (to < 0) return bytes;
  for (let from = to; from < bytes.length; to++) {
    const byte = bytes[from] as number;
    const high = byte === PERCENT ? hexDigit(bytes[from + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[from + 2]);
    bytes[to] = low < 0 ? byte : high * 16 + low;
    from += low < 0 ? 1 : 3;
  }
  return bytes.subarray(0, to);
}

const PERCENT = 0x25;

/** The value of a hexadecimal digit, -1 for what is none and for the end of the text. */
function hexDigit(code: number | undefined): number {
  return code === undefined ? -1 : (HEX_DIGITS[code] as number);
}

const HEX_DIGITS: Int8Array = Int8Array.from({ length: 256 }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase()),
);
