import { brokenData } from "../refusal.ts";

/** Codes of so many bits are found by one look. */
export const LOOK = 9;

/** A Huffman code, ready to be read. */
export interface HuffmanTable {
  /** By the next LOOK bits: length × 256 + symbol; 0 for a longer code and for none. */
  readonly short: Uint16Array;
  /** The first value of 16 bits beyond the codes of each length; codes of one length follow on those of the shorter ones. */
  readonly beyond: Int32Array;
  /** What a code of each length is added to for the place of its symbol. */
  readonly place: Int32Array;
  readonly symbols: Uint8Array;
}

/**
 * The table of T.81, annex C: `counts` says how many codes there are of each length, 1 to 16.
 * @throws InferenceError invalid_argument for more codes than bits can tell apart, with the one of ones alone kept free.
 */
export function createHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const short = new Uint16Array(1 << LOOK);
  const beyond = new Int32Array(17);
  const place = new Int32Array(17);
  for (let length = 1, code = 0, symbol = 0; length <= 16; length++, code <<= 1) {
    const count = counts[length - 1] as number;
    place[length] = symbol - code;
    for (let i = 0; i < count; i++, code++, symbol++) {
      if (length > LOOK) continue;
      const from = code << (LOOK - length);
      short.fill((length << 8) | (symbols[symbol] as number), from, from + (1 << (LOOK - length)));
    }
    if (count > 0 && code >= 1 << length) throw brokenData("jpeg");
    beyond[length] = code << (16 - length);
  }
  return { short, beyond, place, symbols };
}

/** Length × 256 + symbol of a code longer than LOOK bits that begins `bits`, 16 of them; 0 where there is none. */
export function findLongCode({ beyond, place, symbols }: HuffmanTable, bits: number): number {
  for (let length = LOOK + 1; length <= 16; length++) {
    if (bits >= (beyond[length] as number)) continue;
    return (length << 8) | (symbols[(bits >> (16 - length)) + (place[length] as number)] as number);
  }
  return 0;
}
