import { brokenData } from "../refusal.ts";

const MAX_BITS = 12;
/** Codes of more than one pixel are below it. */
const TABLE = 1 << MAX_BITS;

/**
 * `count` pixels out of the blocks of codes at `start`. Source: GIF89a, appendix F; a full table stays as it is until it is
 * cleared.
 * @throws InferenceError invalid_argument for a code that cannot be, RangeError where the codes end before the pixels.
 */
export function readCodes(file: Uint8Array, start: number, codeBits: number, count: number): Uint8Array {
  if (codeBits > MAX_BITS) throw brokenData("gif");
  const pixels = new Uint8Array(count);
  const clear = 1 << codeBits;
  const codes = Math.max(TABLE, clear);
  // A code stands for the code before it and one more pixel; `first` is the first pixel of the whole string.
  const before = new Uint16Array(codes);
  const last = new Uint8Array(codes);
  const first = new Uint8Array(codes);
  const lengths = new Uint32Array(codes);
  for (let code = 0; code < clear; code++) {
    last[code] = code;
    first[code] = code;
    lengths[code] = 1;
  }
  const bits = new CodeBits(file, start);
  let [next, size, previous, filled] = [clear + 2, codeBits + 1, clear, 0];
  while (filled < count) {
    const code = bits.read(size);
    if (code === clear) {
      [next, size, previous] = [clear + 2, codeBits + 1, clear];
      continue;
    }
    if (code === clear + 1) throw new RangeError("the codes end before the pixels");
    const isNew = code === next && previous !== clear;
    if (!isNew && (code >= next || (previous === clear && code > clear))) throw brokenData("gif");
    const known = isNew ? previous : code;
    const length = (lengths[known] as number) + (isNew ? 1 : 0);
    writeString(pixels, filled, known, lengths[known] as number, before, last);
    if (isNew && filled + length <= count) pixels[filled + length - 1] = first[known] as number;
    filled += length;
    if (previous !== clear && next < TABLE) {
      before[next] = previous;
      last[next] = first[known] as number;
      first[next] = first[previous] as number;
      lengths[next] = (lengths[previous] as number) + 1;
      next++;
      if (next === 1 << size && size < MAX_BITS) size++;
    }
    previous = code;
  }
  return pixels;
}

/** The pixels of a code, from the last one to the first; what does not fit is left out. */
function writeString(
  pixels: Uint8Array,
  at: number,
  code: number,
  length: number,
  before: Uint16Array,
  last: Uint8Array,
): void {
  let from = code;
  for (let to = at + length - 1; to >= at; to--) {
    if (to < pixels.length) pixels[to] = last[from] as number;
    from = before[from] as number;
  }
}

/** Codes of any size, lowest bits first, across blocks that each begin with their length. */
class CodeBits {
  readonly #file: Uint8Array;
  #at: number;
  #left = 0;
  #bits = 0;
  #count = 0;

  constructor(file: Uint8Array, start: number) {
    this.#file = file;
    this.#at = start;
  }

  read(size: number): number {
    while (this.#count < size) {
      if (this.#left === 0) {
        this.#left = this.#next();
        if (this.#left === 0) throw new RangeError("the codes end before the pixels");
        // Pillow decodes whole blocks only.
        if (this.#at + this.#left > this.#file.length) throw new RangeError("the file ends within the codes");
        continue;
      }
      this.#left--;
      this.#bits |= this.#next() << this.#count;
      this.#count += 8;
    }
    const code = this.#bits & ((1 << size) - 1);
    this.#bits >>>= size;
    this.#count -= size;
    return code;
  }

  #next(): number {
    const byte = this.#file[this.#at++];
    if (byte === undefined) throw new RangeError("the file ends within the codes");
    return byte;
  }
}
