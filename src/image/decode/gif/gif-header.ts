import { invalidArgument } from "../../../errors.ts";
import { brokenData } from "../refusal.ts";

const [EXTENSION, IMAGE, END, GRAPHIC_CONTROL, COMMENT] = [0x21, 0x2c, 0x3b, 0xf9, 0xfe];

/** A GIF up to the codes of its first frame. */
export interface GifHeader {
  /** The canvas: the logical screen, larger where the first frame goes beyond it. */
  readonly width: number;
  readonly height: number;
  readonly frame: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly isInterlaced: boolean;
  /** Colours of three bytes each: the frame's and the file's, empty where there are none. */
  readonly palettes: readonly [local: Uint8Array, global: Uint8Array];
  /** Index of the colour that stands for nothing; pixels outside of the frame have it. */
  readonly transparent: number | undefined;
  /** Bits of a pixel, and where the blocks of codes begin. */
  readonly codeBits: number;
  readonly codes: number;
}

/**
 * Reads blocks up to the first frame, as Pillow does: unknown bytes between them are passed over, of several graphic control
 * extensions the last transparent colour counts. Source: GIF89a, §18 to §23.
 * @throws InferenceError invalid_argument for a file without a frame, RangeError for one that ends before it.
 */
export function readGifHeader(file: Uint8Array): GifHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [screenWidth, screenHeight, flags] = [view.getUint16(6, true), view.getUint16(8, true), view.getUint8(10)];
  const global = readPalette(view, 13, flags);
  let at = 13 + global.length;
  let transparent: number | undefined;
  for (;;) {
    const kind = view.getUint8(at++);
    if (kind === END) throw invalidArgument("the gif has no frame");
    if (kind === EXTENSION) {
      if (view.getUint8(at) === GRAPHIC_CONTROL) transparent = readTransparent(view, at + 1) ?? transparent;
      // An empty first block ends a comment alone: of others Pillow reads on.
      const isComment = view.getUint8(at) === COMMENT;
      at = skipBlocks(view, isComment ? at + 1 : at + 2 + view.getUint8(at + 1));
    }
    if (kind === IMAGE) break;
  }
  const [left, top] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
  const [width, height] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
  const frameFlags = view.getUint8(at + 8);
  const local = readPalette(view, at + 9, frameFlags);
  const codes = at + 9 + local.length;
  const canvas = { width: Math.max(screenWidth, left + width), height: Math.max(screenHeight, top + height) };
  if (canvas.width === 0 || canvas.height === 0 || width === 0 || height === 0) throw brokenData("gif");
  return {
    ...canvas,
    frame: { left, top, width, height },
    isInterlaced: (frameFlags & 0x40) !== 0,
    palettes: [local, global],
    transparent,
    codeBits: view.getUint8(codes),
    codes: codes + 1,
  };
}

/** @throws RangeError where the file ends within. */
function readPalette(view: DataView, at: number, flags: number): Uint8Array {
  const length = (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
  if (at + length > view.byteLength) throw new RangeError("palette");
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** Index of the transparent colour that a graphic control block names; Pillow passes over an empty one, and refuses a short one. */
function readTransparent(view: DataView, at: number): number | undefined {
  const size = view.getUint8(at);
  if (size === 0) return undefined;
  const names = (view.getUint8(at + 1) & 1) === 1;
  if (size < (names ? 4 : 3)) throw brokenData("gif");
  return names ? view.getUint8(at + 4) : undefined;
}

/** Behind the blocks at `at`, which end with an empty one. */
function skipBlocks(view: DataView, at: number): number {
  let next = at;
  for (let size = view.getUint8(next); size > 0; size = view.getUint8(next)) next += size + 1;
  return next + 1;
}
