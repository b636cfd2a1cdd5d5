import type { Pixels } from "../image.ts";

/** Writes one row of `width` pixels, whose samples begin at `from`, as RGB at `to`. */
export type UnpackRow = (bytes: Uint8Array, from: number, rgb: Uint8Array, to: number, width: number) => void;

/** Where the rows of a picture stand in a file. */
export interface RowLayout {
  readonly width: number;
  readonly height: number;
  readonly offset: number;
  readonly bitsPerPixel: number;
  /** Bytes from one row to the next. @default those that the pixels fill */
  readonly stride?: number;
  readonly bottomUp: boolean;
  readonly unpack: UnpackRow;
}

/** Bytes that a row's pixels fill. */
export function rowBytes({ width, bitsPerPixel }: Pick<RowLayout, "width" | "bitsPerPixel">): number {
  return Math.ceil((width * bitsPerPixel) / 8);
}

/** The pixels of rows that stand as they are; undefined where the file ends before them. Padding after the last row may lack. */
export function unpackRows(bytes: Uint8Array, layout: RowLayout): Pixels | undefined {
  const { width, height, offset, bottomUp, unpack } = layout;
  const filled = rowBytes(layout);
  const stride = layout.stride ?? filled;
  if (stride < filled || offset + stride * (height - 1) + filled > bytes.length) return undefined;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    unpack(bytes, offset + row * stride, data, (bottomUp ? height - 1 - row : row) * width * 3, width);
  }
  return { width, height, data };
}

/** Samples of 1, 4 or 8 bits, the upper ones first, that stand for the colours of `palette`: 256 times RGB. */
export function indexedRow(bits: 1 | 4 | 8, palette: Uint8Array): UnpackRow {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return (bytes, from, rgb, start, width) => {
    for (let x = 0, to = start; x < width; x++, to += 3) {
      const byte = bytes[from + Math.floor(x / perByte)] as number;
      const colour = ((byte >> (8 - bits - (x % perByte) * bits)) & mask) * 3;
      rgb[to] = palette[colour] as number;
      rgb[to + 1] = palette[colour + 1] as number;
      rgb[to + 2] = palette[colour + 2] as number;
    }
  };
}

/** `step` bytes a pixel, in which red, green and blue stand at these places. */
export function byteRow(step: number, red: number, green: number, blue: number): UnpackRow {
  return (bytes, first, rgb, start, width) => {
    for (let x = 0, from = first, to = start; x < width; x++, from += step, to += 3) {
      rgb[to] = bytes[from + red] as number;
      rgb[to + 1] = bytes[from + green] as number;
      rgb[to + 2] = bytes[from + blue] as number;
    }
  };
}

/** Pixels of 16 bits, little-endian, with 5 bits of red, 5 or 6 of green and 5 of blue; rounded down as in Pillow. */
export function packedRow(greenBits: 5 | 6): UnpackRow {
  const greenest = (1 << greenBits) - 1;
  return (bytes, first, rgb, start, width) => {
    for (let x = 0, from = first, to = start; x < width; x++, from += 2, to += 3) {
      const pixel = (bytes[from] as number) | ((bytes[from + 1] as number) << 8);
      rgb[to] = (((pixel >> (5 + greenBits)) & 31) * 255) / 31;
      rgb[to + 1] = (((pixel >> 5) & greenest) * 255) / greenest;
      rgb[to + 2] = ((pixel & 31) * 255) / 31;
    }
  };
}
