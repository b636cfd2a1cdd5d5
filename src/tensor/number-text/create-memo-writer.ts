import { type ElementWriter, writeRowBreak } from "./element-writer.ts";
import type { TextTarget } from "./write-digits.ts";
import { FLOAT32_WIDTH } from "./write-float32.ts";

/** Bytes of an entry: the longest FP32 and a comma, two doubles. */
const ENTRY = 16;

const SLOT_BITS = 12;
const SLOTS = 1 << SLOT_BITS;

/** From so many elements on a memo pays for its memory. */
export const MEMO_ELEMENTS: number = SLOTS;

/**
 * Writes FP32 with a memo of texts, one for each hash of the bits: images that somebody scaled by hand, masks and zeros
 * have few values. A text is made in its entry and copied as two doubles; what an entry has too much the next overwrites.
 * @param writeElement writes an element, 15 bytes at most
 */
export function createMemoWriter(
  data: Float32Array,
  writeElement: (target: TextTarget, at: number, index: number) => number,
): ElementWriter {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const texts = new Uint8Array(SLOTS * ENTRY);
  const memo = { bytes: texts, view: new DataView(texts.buffer) };
  const words = new Float64Array(texts.buffer);
  const keys = new Int32Array(SLOTS);
  /** Bytes in use of each entry, 0 until it is made. */
  const lengths = new Uint8Array(SLOTS);

  const makeEntry = (slot: number, index: number): number => {
    const end = writeElement(memo, slot * ENTRY, index);
    texts[end] = 0x2c;
    keys[slot] = bits[index] as number;
    lengths[slot] = end + 1 - slot * ENTRY;
    return end + 1 - slot * ENTRY;
  };

  return {
    slack: ENTRY,
    size: (_from, count) => count * (FLOAT32_WIDTH + 1),
    write(target, start, from, size, rows) {
      const { view } = target;
      let at = start;
      let index = from;
      for (let row = 0; row < rows; row++) {
        if (row > 0) at = writeRowBreak(target, at);
        for (const end = index + size; index < end; index++) {
          const key = bits[index] as number;
          // Multiplying by 2^32 / golden ratio spreads neighbours (Knuth).
          const slot = Math.imul(key, 0x9e3779b1) >>> (32 - SLOT_BITS);
          let length = lengths[slot] as number;
          if (length === 0 || keys[slot] !== key) length = makeEntry(slot, index);
          view.setFloat64(at, words[slot * 2] as number, true);
          view.setFloat64(at + 8, words[slot * 2 + 1] as number, true);
          at += length;
        }
        if (size > 0) at--;
      }
      return at;
    },
  };
}
