import type { Pixels } from "../../image.ts";
import { GREYS } from "../palette.ts";
import { brokenData } from "../refusal.ts";
import { indexedRow, unpackRows } from "../rows.ts";
import { readBmpHeader } from "./bmp-header.ts";
import { expandBmpRuns } from "./bmp-runs.ts";

/** The pixels of a BMP, as Pillow's convert("RGB") gives them. */
export function decodeBmp(bytes: Uint8Array): Pixels {
  const { width, height, topDown, offset, samples, bits, runs } = readBmpHeader(bytes);
  const bottomUp = !topDown;
  if (runs === undefined) {
    const stride = Math.floor((width * bits + 31) / 32) * 4;
    const pixels = unpackRows(bytes, { width, height, offset, stride, bottomUp, ...samples });
    if (pixels === undefined) throw brokenData("bmp");
    return pixels;
  }
  const indices = expandBmpRuns(bytes, offset, width, height, runs);
  if (indices === undefined) throw brokenData("bmp");
  const unpack = indexedRow(8, samples.palette ?? GREYS);
  const pixels = unpackRows(indices, { width, height, offset: 0, bitsPerPixel: 8, bottomUp, unpack });
  if (pixels === undefined) throw brokenData("bmp");
  return pixels;
}
