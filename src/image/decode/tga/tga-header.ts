import { BLACK_AND_WHITE, GREYS, type Palette, readPalette } from "../palette.ts";
import { brokenData, unsupportedKind } from "../refusal.ts";
import { byteRow, indexedRow, packedRow, type UnpackRow } from "../rows.ts";

/** What the header of a Targa file says (Truevision TGA 2.0). */
export interface TgaHeader {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly unpack: UnpackRow;
  readonly runs: boolean;
  readonly bottomUp: boolean;
  readonly rightToLeft: boolean;
  /** Where the pixels begin. */
  readonly offset: number;
}

const TYPES: ReadonlySet<number> = new Set([1, 2, 3, 9, 10, 11]);
const DEPTHS: ReadonlySet<number> = new Set([1, 8, 16, 24, 32]);

/** Whether `bytes` can be a Targa file: it has no signature, only a header whose members fit together. */
export function looksLikeTga(bytes: Uint8Array): boolean {
  if (bytes.length < 18) return false;
  const [, mapType, type] = bytes;
  const depth = bytes[16] as number;
  if (mapType === undefined || mapType > 1 || type === undefined || !TYPES.has(type) || !DEPTHS.has(depth))
    return false;
  return u16(bytes, 12) > 0 && u16(bytes, 14) > 0 && !looksLikeIcon(bytes);
}

/** An icon or a cursor has 1 or 2 where a Targa has its type, then how many pictures it holds, and where the first one lies. */
function looksLikeIcon(bytes: Uint8Array): boolean {
  const [, mapType, type = 0] = bytes;
  if (bytes.length < 22 || u16(bytes, 0) !== 0 || mapType !== 0 || type > 2 || bytes[3] !== 0) return false;
  const first = u16(bytes, 18) + u16(bytes, 20) * 65536;
  return u16(bytes, 4) !== 0 && first >= 22 && first < bytes.length;
}

/** @throws InferenceError unsupported_media_type or invalid_argument. */
export function readTgaHeader(bytes: Uint8Array): TgaHeader {
  const [idLength = 0, mapType, type = 0] = bytes;
  const bitsPerPixel = bytes[16] as number;
  const origin = (bytes[17] as number) & 0x30;
  const mapStart = 18 + idLength;
  const map = mapType === 1 ? readMap(bytes, mapStart) : undefined;
  const unpack = rowOf(type & 7, bitsPerPixel, map?.palette);
  if (unpack === undefined) {
    const colours = map === undefined ? "" : " with a colour map";
    throw unsupportedKind(`a TGA of type ${type} and ${bitsPerPixel} bits${colours}: this kind of TGA is not read`);
  }
  return {
    width: u16(bytes, 12),
    height: u16(bytes, 14),
    bitsPerPixel,
    unpack,
    runs: type >= 9,
    bottomUp: origin < 0x20,
    rightToLeft: (origin & 0x10) !== 0,
    offset: map?.end ?? mapStart,
  };
}

/** The kinds that Pillow reads: indices need a map, grey may have one, and colours may not. Alpha is dropped. */
function rowOf(type: number, bits: number, palette: Palette | undefined): UnpackRow | undefined {
  if (type === 1) return bits === 8 && palette !== undefined ? indexedRow(8, palette) : undefined;
  if (type === 3 && bits === 1) return palette === undefined ? indexedRow(1, BLACK_AND_WHITE) : undefined;
  if (type === 3 && bits === 8) return indexedRow(8, palette ?? GREYS);
  if (type === 3 && bits === 16) return greyAlphaRow(indexedRow(8, palette ?? GREYS));
  if (type !== 2 || palette !== undefined) return undefined;
  return bits === 16 ? packedRow(5) : bits >= 24 ? byteRow(bits / 8, 2, 1, 0) : undefined;
}

function greyAlphaRow(row: UnpackRow): UnpackRow {
  return (bytes, from, rgb, to, width) => {
    for (let x = 0; x < width; x++) row(bytes, from + x * 2, rgb, to + x * 3, 1);
  };
}

function readMap(bytes: Uint8Array, from: number): { readonly palette: Palette; readonly end: number } {
  const [start, size, depth] = [u16(bytes, 3), u16(bytes, 5), bytes[7] as number];
  if (depth !== 16 && depth !== 24 && depth !== 32) {
    throw unsupportedKind(`a TGA with a colour map of ${depth} bits: this kind of TGA is not read`);
  }
  const step = depth / 8;
  const stored = bytes.subarray(from, from + step * size);
  const entries = new Uint8Array(step * start + stored.length);
  entries.set(stored, step * start);
  const palette = depth === 16 ? readPackedPalette(entries) : readPalette(entries, step, 2, 1, 0);
  if (palette === undefined) throw brokenData("tga");
  return { palette, end: from + stored.length };
}

function readPackedPalette(entries: Uint8Array): Palette | undefined {
  const count = Math.floor(entries.length / 2);
  if (count > 256) return undefined;
  const palette = new Uint8Array(768);
  packedRow(5)(entries, 0, palette, 0, count);
  return palette;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
