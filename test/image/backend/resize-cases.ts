import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Raster } from "../../../src/image/backend/raster.ts";
import type { PixelBox, Resample } from "../../../src/image/image.ts";
import { resizeReduced } from "../../../src/image/resample/reduce-pixels.ts";
import { resizePixels } from "../../../src/image/resample/resize-pixels.ts";

/** One case of `test/servers/parity/resize_cases.py`. */
export interface ResizeCase {
  readonly from: readonly [width: number, height: number, channels: number];
  readonly seed: number;
  readonly to: readonly [width: number, height: number];
  readonly method: string;
  readonly antialias?: boolean;
  /** Part of the picture, in shares of its sides. */
  readonly part?: PixelBox;
  readonly reducing_gap?: number;
  /** Where its result begins in values.bin. */
  readonly offset: number;
  readonly sha256: string;
}

export interface ResizeCases {
  /** Name and version of what made them. */
  readonly library: string;
  readonly cases: readonly ResizeCase[];
}

/** Made by `resize_cases.py BACKEND --shapes 24 --seed 7`. */
export function readGoldenCases(backend: string): ResizeCases {
  return JSON.parse(readFileSync(join("test", "fixtures", "image", "resize", `${backend}.json`), "utf8"));
}

export function describeCase(one: ResizeCase): string {
  return `${one.from.join("×")} to ${one.to.join("×")}, ${describeKernel(one)}`;
}

/** The row of docs/parity.md that a case belongs to. */
export function describeKernel({ method, antialias, part, reducing_gap: gap }: ResizeCase): string {
  const options = [
    antialias === true ? "antialias" : [],
    part === undefined ? [] : "box",
    gap === undefined ? [] : `reducing_gap ${gap}`,
  ];
  return [method, ...options.flat()].join(", ");
}

/** A case of Pillow. */
export function resizeAsPillow(one: ResizeCase): Raster<Uint8Array> {
  const source = sourceOf(one);
  const method = one.method as Resample;
  const pillow = 13;
  const { width, height } = source;
  const box = one.part?.map((share, index) => share * (index % 2 === 0 ? width : height)) as PixelBox | undefined;
  const resized =
    one.reducing_gap === undefined
      ? resizePixels(source, ...one.to, method, pillow, box)
      : resizeReduced(source, ...one.to, method, pillow, one.reducing_gap);
  return { ...resized, channels: 3 };
}

/** The samples that resize_cases.py computes too. */
export function sourceOf({ from: [width, height, channels], seed }: ResizeCase): Raster<Uint8Array> {
  const { imul } = Math;
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    let x = imul(i + seed * 7919, 2654435761);
    x = imul(x ^ (x >>> 15), 2246822519);
    x = imul(x ^ (x >>> 13), 3266489917);
    return x >>> 24;
  });
  return { width, height, channels, data };
}
