import type { InferenceError } from "../../errors.ts";
import { brokenData, unsupportedKind } from "./refusal.ts";

/** What the first directory of a TIFF says of how its pixels are kept (TIFF 6.0, section 8). */
export interface TiffHeader {
  /** 1 to 8; every other value that the file may hold means 1, as in Pillow. */
  readonly orientation: number;
  /** Where an orientation stands that libtiff takes for damage (0, 9 and above); undefined for others. */
  readonly oddOrientationAt: number | undefined;
  readonly bitsPerSample: number;
  readonly whiteIsZero: boolean;
}

const TAG = {
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  planar: 284,
  tileWidth: 322,
  extraSamples: 338,
} as const;

const COMPRESSIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946]);
const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  6: "old JPEG",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
};
const COLOURS: Readonly<Record<number, string>> = { 6: "YCbCr", 8: "CIELab", 9: "ICCLab", 10: "ITULab" };
const JPEG = 7;
const BITS: ReadonlySet<number> = new Set([1, 2, 4, 8, 16]);

/**
 * The first directory of `bytes`, which begin like a TIFF.
 * @throws InferenceError unsupported_media_type for a sound file of a kind that is not read, invalid_argument for a broken one.
 */
export function readTiffHeader(bytes: Uint8Array): TiffHeader {
  const tags = readDirectory(bytes);
  const value = (tag: number, otherwise: number): number => tags.get(tag)?.value ?? otherwise;
  const compression = value(TAG.compression, 1);
  if (!COMPRESSIONS.has(compression)) {
    throw unsupported(`compressed with ${COMPRESSION_NAMES[compression] ?? `method ${compression}`}`);
  }
  const photometric = value(TAG.photometric, 0);
  if (!(photometric <= 5 && photometric !== 4) && !(photometric === 6 && compression === JPEG)) {
    throw unsupported(`with the colours ${COLOURS[photometric] ?? `of kind ${photometric}`}`);
  }
  const bitsPerSample = value(TAG.bitsPerSample, 1);
  if (!BITS.has(bitsPerSample)) throw unsupported(`of ${bitsPerSample} bits a sample`);
  if (value(TAG.planar, 1) === 2 && tags.has(TAG.tileWidth))
    throw unsupported("of tiles with a plane for each channel");
  if (value(TAG.extraSamples, 0) === 1) throw unsupported("with premultiplied alpha");
  const orientation = tags.get(TAG.orientation);
  const odd = orientation !== undefined && !(orientation.value >= 1 && orientation.value <= 8);
  return {
    orientation: orientation === undefined || odd ? 1 : orientation.value,
    oddOrientationAt: odd ? orientation.at : undefined,
    bitsPerSample,
    whiteIsZero: photometric === 0,
  };
}

/** The file with the orientation 1 where libtiff would refuse the one it has; a copy, the bytes of a request stay as they are. */
export function withSoundOrientation(bytes: Uint8Array, { oddOrientationAt }: TiffHeader): Uint8Array {
  if (oddOrientationAt === undefined) return bytes;
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint16(oddOrientationAt, 1, bytes[0] === 0x49);
  return copy;
}

/** The first value of each tag that has numbers of 16 or 32 bits, and where it stands. */
function readDirectory(bytes: Uint8Array): ReadonlyMap<number, { readonly value: number; readonly at: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  try {
    const start = view.getUint32(4, little);
    const tags = new Map<number, { value: number; at: number }>();
    for (let left = view.getUint16(start, little), entry = start + 2; left > 0; left--, entry += 12) {
      const type = view.getUint16(entry + 2, little);
      const width = type === 3 ? 2 : type === 4 ? 4 : 0;
      if (width === 0) continue;
      const outside = view.getUint32(entry + 4, little) * width > 4;
      const at = outside ? view.getUint32(entry + 8, little) : entry + 8;
      const value = width === 2 ? view.getUint16(at, little) : view.getUint32(at, little);
      tags.set(view.getUint16(entry, little), { value, at });
    }
    return tags;
  } catch (error) {
    throw brokenData("tiff", error);
  }
}

function unsupported(what: string): InferenceError {
  return unsupportedKind(`a TIFF ${what}: this kind of TIFF is not read`);
}
