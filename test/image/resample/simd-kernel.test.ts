import { readFileSync } from "node:fs";
import { createKernel } from "../../../src/image/resample/load-kernel.ts";
import { resizeScalar } from "../../../src/image/resample/scalar-passes.ts";
import type { SimdKernel } from "../../../src/image/resample/simd-kernel.ts";

declare const WebAssembly: { readonly Module: new (code: Uint8Array) => object };

const module = new WebAssembly.Module(
  readFileSync(new URL("../../../src/image/resample/kernel.wasm", import.meta.url)),
);
const CASES = 600;
// A global that is looked up for each sample is slow under jest.
const { imul, floor } = Math;

/** Whole numbers from 0 on, below a bound; the same in each run. */
function createRandom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return floor((state / 2 ** 32) * bound);
  };
}

function randomPixels(random: (bound: number) => number, width: number, height: number): Uint8Array {
  // Half of the pictures are hard edges, where weights below zero overshoot and the sums are clipped.
  const hard = random(2) === 0;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = hard ? random(2) * 255 : random(256);
  return data;
}

/** Sizes that are often small, often just beside a multiple of four, and now and then large to one side. */
function randomSize(random: (bound: number) => number): number {
  return [1 + random(9), 1 + random(70), 1 + random(200), 200 + random(300)][random(4)] as number;
}

test.each(["box", "bilinear", "hamming", "bicubic", "lanczos"] as const)(
  "%s: the SIMD kernel makes every bit that JavaScript makes, in both orders of passes",
  (filter) => {
    const random = createRandom(filter.length);
    // With a window of 4 kB most pictures are fed in several.
    const kernels = [createKernel(module, 4096), createKernel(module)] as SimdKernel[];
    const differing: string[] = [];
    for (let i = 0; i < CASES; i++) {
      const [width, height] = [randomSize(random), Math.min(randomSize(random), 90)];
      const [toWidth, toHeight] = [Math.min(randomSize(random), 120), Math.min(randomSize(random), 120)];
      const pixels = { width, height, data: randomPixels(random, width, height) };
      const verticalFirst = random(2) === 0;
      const plan = { width: toWidth, height: toHeight, filter, verticalFirst };
      const expected = resizeScalar(pixels, plan);
      const resized = (kernels[i % 2] as SimdKernel).resize(pixels, plan);
      if (Buffer.compare(resized.data, expected.data) !== 0) {
        differing.push(
          `${width}x${height} to ${toWidth}x${toHeight}, ${verticalFirst ? "vertical" : "horizontal"} first`,
        );
      }
    }
    expect(differing).toEqual([]);
  },
);

test("a picture of very many source pixels to one keeps its bits: the halves of the weights wrap and still add up", () => {
  const pixels = { width: 20_000, height: 3, data: new Uint8Array(180_000).fill(255) };
  pixels.data.fill(1, 90_000, 90_010);
  const kernel = createKernel(module) as SimdKernel;
  for (const filter of ["bilinear", "bicubic", "lanczos"] as const) {
    const [resized, expected] = [kernel, { resize: resizeScalar }].map((each) =>
      each.resize(pixels, { width: 2, height: 2, filter, verticalFirst: false }),
    );
    expect([...(resized?.data ?? [])]).toEqual([...(expected?.data ?? [])]);
  }
});

test("the memory that a very large picture left is given up", () => {
  const kernel = createKernel(module) as SimdKernel;
  expect(kernel.isTooLarge).toBe(false);
  kernel.resize(
    { width: 1, height: 1, data: new Uint8Array(3) },
    {
      width: 5000,
      height: 5000,
      filter: "bilinear",
      verticalFirst: false,
    },
  );
  expect(kernel.isTooLarge).toBe(true);
});
