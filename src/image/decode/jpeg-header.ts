/** Baseline, extended and progressive, Huffman coded: SOF0 to SOF2 of ITU-T T.81 table B.1. */
const FIRST_FRAME = 0xc0;
const LAST_FRAME = 0xc2;
/** What stands before the frame of an ordinary file: tables, restart interval, JFIF, EXIF, Adobe's marker, a comment. */
const ORDINARY = new Set([0xc4, 0xdb, 0xdd, 0xe0, 0xee, 0xfe]);
const APP1 = 0xe1;
const APP2 = 0xe2;

/**
 * Width and height of a JPEG of one or three components of 8 bits (T.81 section B.2.2), read from its first frame header.
 * Undefined for every other file, and for one with a segment that may change how it is read (XMP, several pictures, a gain map): a
 * decoder has to look at those.
 */
export function readJpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    const length = word(bytes, at + 2);
    if (length < 2 || at + 2 + length > bytes.length) return undefined;
    if (marker >= FIRST_FRAME && marker <= LAST_FRAME) return readFrame(bytes, at, length);
    if (!isOrdinary(bytes, at, marker)) return undefined;
    at += 2 + length;
  }
  return undefined;
}

function isOrdinary(bytes: Uint8Array, at: number, marker: number): boolean {
  if (marker === APP1) return startsWith(bytes, at + 4, "Exif\0");
  if (marker === APP2) return startsWith(bytes, at + 4, "ICC_PROFILE\0");
  return ORDINARY.has(marker);
}

function readFrame(bytes: Uint8Array, at: number, length: number): { width: number; height: number } | undefined {
  const components = bytes[at + 9] as number;
  if (length !== 8 + 3 * components || bytes[at + 4] !== 8 || (components !== 1 && components !== 3)) return undefined;
  const height = word(bytes, at + 5);
  const width = word(bytes, at + 7);
  // A height of 0 comes behind the first scan.
  return width === 0 || height === 0 ? undefined : { width, height };
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
