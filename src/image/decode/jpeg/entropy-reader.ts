import { brokenData } from "../refusal.ts";
import { findLongCode, type HuffmanTable, LOOK } from "./huffman-table.ts";

/** Zeros behind the data, so that a block can be read before anybody asks whether it was all there. */
const SPARE = 512;

/** The bits of a scan, from one restart to the next. */
export class EntropyReader {
  /** Where the next marker stands in the file. */
  at: number;
  readonly #file: Uint8Array;
  /** The bytes of one interval without the zeros that follow each 255. */
  readonly #data: Uint8Array;
  #position = 0;
  #end = 0;

  /** `at`: the first byte behind the header of a scan. */
  constructor(file: Uint8Array, at: number) {
    this.#file = file;
    this.at = at;
    this.#data = new Uint8Array(endOfScan(file, at) - at + SPARE);
  }

  /** Goes to the data that begins at `at`, up to the next marker. */
  beginInterval(): void {
    const [file, data] = [this.#file, this.#data];
    let length = 0;
    for (let from = this.at; ; ) {
      const next = file.indexOf(0xff, from);
      if (next < 0) throw brokenData("jpeg");
      let marker = next + 1;
      while (file[marker] === 0xff) marker++;
      const isData = file[marker] === 0;
      const bytes = file.subarray(from, isData ? next + 1 : next);
      data.set(bytes, length);
      length += bytes.length;
      this.at = isData ? marker + 1 : marker - 1;
      from = this.at;
      if (!isData) break;
    }
    data.fill(0, length, length + SPARE);
    this.#position = 0;
    this.#end = length * 8;
  }

  /** Goes behind the restart marker of this number, 0 to 7. */
  restart(number: number): void {
    if (this.#file[this.at + 1] !== 0xd0 + number) throw brokenData("jpeg");
    this.at += 2;
    this.beginInterval();
  }

  /** @throws InferenceError invalid_argument when more was read than there is. */
  assertWithin(): void {
    if (this.#position > this.#end) throw brokenData("jpeg");
  }

  /** The next symbol. */
  symbol(table: HuffmanTable): number {
    const window = this.#window();
    const found = (table.short[window >>> (32 - LOOK)] as number) || findLongCode(table, window >>> 16);
    if (found === 0) throw brokenData("jpeg");
    this.#position += found >> 8;
    return found & 0xff;
  }

  /** The next `count` bits, 1 to 16, as a number. */
  bits(count: number): number {
    const value = this.#window() >>> (32 - count);
    this.#position += count;
    return value;
  }

  /** A number of `size` bits, 1 to 16, whose first bit is 0 for negative ones (T.81, table F.1). */
  signed(size: number): number {
    const value = this.bits(size);
    return value >> (size - 1) === 0 ? value - (1 << size) + 1 : value;
  }

  /**
   * The coefficients of a sequential block behind its first, as they stand; whether one was not 0.
   * The reader's place is kept in a local, which makes it twice as fast.
   */
  restOfBlock(table: HuffmanTable, to: Int16Array, offset: number, order: Uint8Array): boolean {
    const { short } = table;
    const data = this.#data;
    let position = this.#position;
    let found = false;
    for (let k = 1; k < 64; k++) {
      const byte = position >>> 3;
      const word =
        ((data[byte] as number) << 24) |
        ((data[byte + 1] as number) << 16) |
        ((data[byte + 2] as number) << 8) |
        (data[byte + 3] as number);
      let window = word << (position & 7);
      const entry = (short[window >>> (32 - LOOK)] as number) || findLongCode(table, window >>> 16);
      if (entry === 0) throw brokenData("jpeg");
      const length = entry >> 8;
      const size = entry & 15;
      const run = (entry >> 4) & 15;
      position += length;
      if (size === 0) {
        if (run !== 15) break;
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw brokenData("jpeg");
      // 25 bits of the window are there: enough for a short code and its number.
      if (length > LOOK) {
        this.#position = position;
        window = this.#window();
      } else window <<= length;
      const value = window >>> (32 - size);
      to[offset + (order[k] as number)] = window < 0 ? value : value - (1 << size) + 1;
      position += size;
      found = true;
    }
    this.#position = position;
    return found;
  }

  /** At least 25 bits from here on, the first one uppermost. */
  #window(): number {
    const data = this.#data;
    const byte = this.#position >>> 3;
    const word =
      ((data[byte] as number) << 24) |
      ((data[byte + 1] as number) << 16) |
      ((data[byte + 2] as number) << 8) |
      (data[byte + 3] as number);
    return word << (this.#position & 7);
  }
}

/** Where a scan's data ends: at the first marker that is neither a restart nor a byte 255. */
function endOfScan(file: Uint8Array, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1] as number;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw brokenData("jpeg");
}
