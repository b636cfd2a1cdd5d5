/** Reads varints one after the other; 64 bits stand in two halves, so that no bigint is made for small numbers. */
export class VarintReader {
  at: number;
  /** Lower 32 bits, unsigned, and upper 32 bits, signed, of what `next` read. */
  low = 0;
  high = 0;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.at >= this.#end;
  }

  /** @throws RangeError when the varint does not end in time. */
  next(): void {
    const first = this.#byte();
    this.high = 0;
    if (first < 0x80) {
      this.low = first;
      return;
    }
    let low = first & 0x7f;
    let high = 0;
    for (let shift = 7; ; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
      if (shift === 63) throw new RangeError("a varint has at most 10 bytes");
    }
    this.low = low >>> 0;
    this.high = high | 0;
  }

  #byte(): number {
    if (this.at >= this.#end) throw new RangeError("the bytes end within a varint");
    return this.#bytes[this.at++] as number;
  }
}

/** Varints in these bytes. @throws RangeError when the last one does not end. */
export function countVarints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) count += (bytes[at] as number) < 0x80 ? 1 : 0;
  if (end > start && (bytes[end - 1] as number) >= 0x80) throw new RangeError("the bytes end within a varint");
  return count;
}
