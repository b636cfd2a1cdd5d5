import { brokenData, unsupportedKind } from "../refusal.ts";
import { type BmpSamples, maskedSamples, paletteSamples, rawSamples } from "./bmp-samples.ts";

/** What the headers of a BMP say; Windows' of 40 to 124 bytes and those of OS/2. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  /** Where the pixels begin. */
  readonly offset: number;
  readonly samples: BmpSamples;
  /** Bits that the header gives a pixel, from which the length of a row follows. */
  readonly bits: number;
  /** Run lengths in place of rows: of bytes, or of halves of them. */
  readonly runs: "bytes" | "nibbles" | undefined;
}

const HEADER_SIZES: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124]);
const BITS: ReadonlySet<number> = new Set([1, 4, 8, 16, 24, 32]);
const COMPRESSION = { none: 0, runsOfBytes: 1, runsOfNibbles: 2, masks: 3 } as const;
const FILE_HEADER = 14;

/**
 * Reads the headers of `bytes`, which begin like a BMP, as Pillow does.
 * @throws RangeError where the file ends within them, InferenceError unsupported_media_type or invalid_argument.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(FILE_HEADER, true);
  if (!HEADER_SIZES.has(size))
    throw unsupportedKind(`a BMP with a header of ${size} bytes: this kind of BMP is not read`);
  const end = FILE_HEADER + size;
  if (end > bytes.length) throw brokenData("bmp");
  const old = size === 12;
  const topDown = !old && bytes[25] === 0xff;
  const width = old ? view.getUint16(18, true) : view.getUint32(18, true);
  const written = old ? view.getUint16(20, true) : view.getUint32(22, true);
  const height = topDown ? 2 ** 32 - written : written;
  if (width === 0 || height === 0) throw brokenData("bmp");
  const bits = view.getUint16(old ? 24 : 28, true);
  if (!BITS.has(bits)) throw unsupportedKind(`a BMP of ${bits} bits a pixel: this kind of BMP is not read`);
  const compression = old ? COMPRESSION.none : view.getUint32(30, true);
  if (compression > COMPRESSION.masks) {
    throw unsupportedKind(`a BMP compressed with method ${compression}: this kind of BMP is not read`);
  }
  const colours = (old ? 0 : view.getUint32(46, true)) || 2 ** bits;
  const runs = RUNS[compression];
  if (runs !== undefined && bits > 8)
    throw unsupportedKind(`a BMP of ${bits} bits in runs: this kind of BMP is not read`);

  let next = end;
  let samples: BmpSamples;
  if (compression === COMPRESSION.masks) {
    const inside = size >= 52;
    const masks = [0, 4, 8].map((at) => view.getUint32((inside ? 54 : end) + at, true));
    if (!inside) next += 12;
    samples = maskedSamples(bits, masks, size >= 56 ? view.getUint32(66, true) : 0);
  } else if (bits > 8) {
    samples = rawSamples(bits);
  } else {
    const entry = old ? 3 : 4;
    samples = paletteSamples(bits, colours, bytes.subarray(next, next + entry * colours), entry);
    next = Math.min(bytes.length, next + entry * colours);
  }
  const said = view.getUint32(10, true);
  // A file that says its pixels begin where its palette does is wrong.
  const offset = said === end && bits <= 8 ? said + (old ? 3 : 4) * colours : said || next;
  return { width, height, topDown, offset, samples, bits, runs };
}

const RUNS: Readonly<Record<number, BmpHeader["runs"]>> = {
  [COMPRESSION.runsOfBytes]: "bytes",
  [COMPRESSION.runsOfNibbles]: "nibbles",
};
