import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OpencvResample, resizeOpencv } from "../../../src/image/backend/opencv/resize.ts";
import type { Raster } from "../../../src/image/backend/raster.ts";
import { resizeTensorflow, type TensorflowResample } from "../../../src/image/backend/tensorflow/resize.ts";
import { resizeTorch, type TorchResample } from "../../../src/image/backend/torch/resize.ts";
import {
  describeKernel,
  type ResizeCase,
  type ResizeCases,
  resizeAsPillow,
  sourceOf,
} from "../../image/backend/resize-cases.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("resize_cases.py", import.meta.url));
const SHAPES = 500;
const folder = mkdtempSync(join(tmpdir(), "resize-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BACKENDS: Readonly<Record<string, (one: ResizeCase) => Raster>> = {
  pillow: resizeAsPillow,
  tensorflow: (one) => resizeTensorflow(sourceOf(one), ...one.to, one.method as TensorflowResample, one.antialias),
  opencv: (one) => resizeOpencv(sourceOf(one), ...one.to, one.method as OpencvResample),
  torch: (one) => resizeTorch(sourceOf(one), ...one.to, one.method as TorchResample, one.antialias),
};

/** Kernels that may differ: by so many units, in so many of a million values. */
const KNOWN: Readonly<Record<string, readonly [units: number, ofMillion: number]>> = {
  // Intel's IPP sums in float32 in an order that is not known, and rounds ties by it.
  "opencv cubic": [1, 20],
};

interface Compared {
  shapes: number;
  values: number;
  differing: number;
  /** Units of the last place of float32, or of 255. */
  largest: number;
}

const table = [
  "| library | kernel | shapes | values compared | differences | largest |",
  "| --- | --- | --- | --- | --- | --- |",
];
afterAll(() => writeDocTable("resize", table));

test.each(Object.keys(BACKENDS))("%s: equal to the library on 500 random shapes a kernel", (backend) => {
  execFileSync(pythonOf(backend === "torch" ? "torch" : "pictures"), [
    SCRIPT,
    backend,
    "--shapes",
    String(SHAPES),
    "--out",
    folder,
  ]);
  const { library, cases }: ResizeCases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
  const values = readFileSync(join(folder, "values.bin"));
  const kernels = new Map<string, Compared>();
  for (const one of cases) {
    const name = describeKernel(one);
    const compared = kernels.get(name) ?? { shapes: 0, values: 0, differing: 0, largest: 0 };
    kernels.set(name, compared);
    compare(BACKENDS[backend]?.(one)?.data ?? new Uint8Array(), values.subarray(one.offset), compared);
  }
  for (const [kernel, { shapes, values: count, differing, largest }] of kernels) {
    table.push(`| ${library} | ${kernel} | ${shapes} | ${count} | ${differing} | ${largest} |`);
  }
  expect([...kernels.values()].map(({ shapes }) => shapes)).toEqual(Array(kernels.size).fill(SHAPES));
  for (const [kernel, { values: count, differing, largest }] of kernels) {
    const [units, ofMillion] = KNOWN[`${backend} ${kernel}`] ?? [0, 0];
    expect([kernel, largest <= units, (differing / count) * 1e6 <= ofMillion]).toEqual([kernel, true, true]);
  }
});

function compare(ours: Uint8Array | Float32Array, expectedBytes: Uint8Array, compared: Compared): void {
  const bytes = Uint8Array.from(expectedBytes.subarray(0, ours.byteLength)).buffer;
  const expected = ours instanceof Float32Array ? ordered(new Float32Array(bytes)) : new Uint8Array(bytes);
  const got = ours instanceof Float32Array ? ordered(ours) : ours;
  compared.shapes += 1;
  compared.values += got.length;
  for (let i = 0; i < got.length; i++) {
    const distance = Math.abs((got[i] as number) - (expected[i] ?? Number.NaN));
    if (distance === 0) continue;
    compared.differing += 1;
    compared.largest = Math.max(compared.largest, distance);
  }
}

/** Floats as whole numbers in the same order, so that neighbours differ by 1. */
function ordered(floats: Float32Array): Float64Array {
  const bits = new Int32Array(floats.buffer, floats.byteOffset, floats.length);
  return Float64Array.from(bits, (word) => (word < 0 ? -(word & 0x7fffffff) : word));
}
