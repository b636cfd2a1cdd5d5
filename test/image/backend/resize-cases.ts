import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Raster } from "../../../src/image/backend/raster.ts";

/** One case of `test/servers/resize_cases.py`. */
export interface ResizeCase {
  readonly from: readonly [width: number, height: number, channels: number];
  readonly seed: number;
  readonly to: readonly [width: number, height: number];
  readonly method: string;
  readonly antialias?: boolean;
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

export function describeCase({ from, to, method, antialias }: ResizeCase): string {
  return `${from.join("×")} to ${to.join("×")}, ${method}${antialias === true ? ", antialias" : ""}`;
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
