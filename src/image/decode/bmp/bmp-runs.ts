/**
 * The indices of a BMP compressed by run lengths (BI_RLE8, BI_RLE4), one a byte, in the order of the file; undefined where it ends
 * before the last pixel. As in Pillow a run ends with its row, while what is not compressed goes on into the next one.
 */
export function expandBmpRuns(
  bytes: Uint8Array,
  offset: number,
  width: number,
  height: number,
  unit: "bytes" | "nibbles",
): Uint8Array | undefined {
  const indices = new Uint8Array(width * height);
  let filled = 0;
  let x = 0;
  let at = offset;
  while (filled < indices.length) {
    if (at + 2 > bytes.length) return undefined;
    const count = bytes[at] as number;
    const byte = bytes[at + 1] as number;
    at += 2;
    if (count > 0) {
      const run = Math.max(0, Math.min(count, width - x));
      const [even, odd] = unit === "bytes" ? [byte, byte] : [byte >> 4, byte & 15];
      for (let i = 0; i < run; i++) indices[filled++] = i % 2 === 0 ? even : odd;
      x += run;
    } else if (byte === END_OF_ROW) {
      filled = Math.ceil(filled / width) * width;
      x = 0;
    } else if (byte === END_OF_PICTURE) {
      return undefined;
    } else if (byte === SKIP) {
      if (at + 2 > bytes.length) return undefined;
      filled += Math.min(indices.length - filled, (bytes[at] as number) + (bytes[at + 1] as number) * width);
      at += 2;
      x = filled % width;
    } else {
      const copied = Math.min(indices.length - filled, byte);
      const length = unit === "bytes" ? copied : Math.ceil(copied / 2);
      if (at + length > bytes.length) return undefined;
      for (let i = 0; i < copied; i++) indices[filled++] = sampleAt(bytes, at, i, unit);
      at += length;
      x += byte;
      // What follows begins at an even place in the file.
      at += at % 2;
    }
  }
  return indices;
}

const END_OF_ROW = 0;
const END_OF_PICTURE = 1;
const SKIP = 2;

function sampleAt(bytes: Uint8Array, from: number, index: number, unit: "bytes" | "nibbles"): number {
  if (unit === "bytes") return bytes[from + index] as number;
  const byte = bytes[from + (index >> 1)] as number;
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}
