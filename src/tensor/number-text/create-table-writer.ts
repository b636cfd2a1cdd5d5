import { type ElementWriter, type TableElements, writeRowBreak } from "./element-writer.ts";

/** Bytes of a table entry: the longest FP32 and a comma, two doubles. */
const ENTRY = 16;

/**
 * Writes elements that have 256 values or 256 a channel: each text with its comma is made once, when it is first asked
 * for, and copied as two doubles; what an entry has too much the next one overwrites.
 */
export function createTableWriter(options: TableElements): ElementWriter {
  const { bytes, channels, run, width, writeEntry } = options;
  const texts = new Uint8Array(channels * 256 * ENTRY);
  const table = { bytes: texts, view: new DataView(texts.buffer) };
  const words = new Float64Array(texts.buffer);
  /** Bytes in use of each entry, 0 until it is made. */
  const lengths = new Uint8Array(channels * 256);

  const addEntry = (entry: number): number => {
    const end = writeEntry(table, entry * ENTRY, entry >> 8, entry & 255);
    texts[end] = 0x2c;
    lengths[entry] = end + 1 - entry * ENTRY;
    return end + 1 - entry * ENTRY;
  };

  return {
    elements: options,
    slack: ENTRY,
    size: (_from, count) => count * (width + 1),
    write(target, start, from, size, rows) {
      // Locals spare a look into the closure at each element.
      const { view } = target;
      const elements = bytes;
      const entryWords = words;
      const entryLengths = lengths;
      const last = channels - 1;
      let channel = Math.floor(from / run) % channels;
      let left = run - (from % run);
      let at = start;
      let index = from;
      for (let row = 0; row < rows; row++) {
        if (row > 0) at = writeRowBreak(target, at);
        const end = index + size;
        for (; index < end; index++) {
          const entry = (channel << 8) + (elements[index] as number);
          let length = entryLengths[entry] as number;
          if (length === 0) length = addEntry(entry);
          view.setFloat64(at, entryWords[entry * 2] as number, true);
          view.setFloat64(at + 8, entryWords[entry * 2 + 1] as number, true);
          at += length;
          if (--left === 0) {
            left = run;
            channel = channel === last ? 0 : channel + 1;
          }
        }
        if (size > 0) at--;
      }
      return at;
    },
  };
}
