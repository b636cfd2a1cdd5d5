import type { Pixels } from "../../image.ts";
import { type GifHeader, readGifHeader } from "./gif-header.ts";
import { readCodes } from "./read-codes.ts";

/** First row and step of the four passes of an interlaced frame (GIF89a, appendix E). */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/**
 * The first frame as Pillow's `convert("RGB")` gives it: on its canvas, which has the transparent colour, else colour 0, outside
 * of the frame; a transparent pixel has the palette's colour.
 * @throws InferenceError invalid_argument for codes that cannot be, RangeError for a file that ends too early.
 */
export function decodeGif(file: Uint8Array): Pixels {
  const header = readGifHeader(file);
  const { width, height, frame, transparent = 0 } = header;
  const indices = readCodes(file, header.codes, header.codeBits, frame.width * frame.height);
  const colours = toColours(header);
  const data = new Uint8Array(width * height * 3);
  const [red, green, blue] = [0, 1, 2].map((channel) => colours[transparent * 3 + channel] as number);
  for (let to = 0; to < data.length; to += 3) {
    data[to] = red as number;
    data[to + 1] = green as number;
    data[to + 2] = blue as number;
  }
  let from = 0;
  for (const row of rowsOf(header)) {
    let to = ((frame.top + row) * width + frame.left) * 3;
    for (let column = 0; column < frame.width; column++, to += 3) {
      const colour = (indices[from++] as number) * 3;
      data[to] = colours[colour] as number;
      data[to + 1] = colours[colour + 1] as number;
      data[to + 2] = colours[colour + 2] as number;
    }
  }
  return { width, height, data };
}

/**
 * The frame's palette, else the file's; one that is the beginning of all greys counts as none, and with none an index is a grey.
 * Indices beyond a palette are black.
 */
function toColours({ palettes }: GifHeader): Uint8Array {
  const greys = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  const palette = palettes.find((one) => one.some((value, i) => value !== greys[i]));
  if (palette === undefined) return greys;
  const colours = new Uint8Array(256 * 3);
  colours.set(palette);
  return colours;
}

/** The rows of the frame in the order in which they are coded. */
function* rowsOf({ frame: { height }, isInterlaced }: GifHeader): Generator<number> {
  if (!isInterlaced) for (let row = 0; row < height; row++) yield row;
  else for (const [first, step] of PASSES) for (let row = first; row < height; row += step) yield row;
}
