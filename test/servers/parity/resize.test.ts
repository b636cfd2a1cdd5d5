import { Buffer } from "node:buffer";
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

/** Kernels that may differ: by so many units, in so many of a million values. OpenCV's cubic is another on older processors. */
const KNOWN: Readonly<Record<string, readonly [units: number, ofMillion: number]>> = readFileSync(
  "/proc/cpuinfo",
  "utf8",
).includes("avx512_vbmi")
  ? {}
  : { "opencv cubic": [1, 10] };

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
const processors = ["| instructions up to | values compared | differences | largest |", "| --- | --- | --- | --- |"];
afterAll(() => {
  writeDocTable("resize", table);
  writeDocTable("processors", processors);
});

test.each(["sse42", "avx2", "avx512"])("OpenCV's own cubic on a processor that stops at %s", (instructions) => {
  const [ours, theirs] = [undefined, instructions].map((limit) => {
    const environment = { ...process.env, ...(limit !== undefined && { OPENCV_IPP: limit }) };
    const { cases, values } = makeCases("opencv", environment);
    const cubic = cases.filter(({ method }) => method === "cubic");
    return Buffer.concat(
      cubic.map(({ offset, from, to }) => values.subarray(offset, offset + to[0] * to[1] * from[2])),
    );
  });
  const compared: Compared = { shapes: SHAPES, values: 0, differing: 0, largest: 0 };
  compare(Uint8Array.from(ours ?? []), Uint8Array.from(theirs ?? []), compared);
  processors.push(`| ${instructions} | ${compared.values} | ${compared.differing} | ${compared.largest} |`);
  expect(compared.largest).toBeLessThanOrEqual(1);
});

test.each(Object.keys(BACKENDS))("%s: equal to the library on 500 random shapes a kernel", (backend) => {
  const { library, cases, values } = makeCases(backend);
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
  expect([...kernels.values()].filter(({ shapes }) => shapes === 0 || shapes % SHAPES !== 0)).toEqual([]);
  for (const [kernel, { values: count, differing, largest }] of kernels) {
    const [units, ofMillion] = KNOWN[`${backend} ${kernel}`] ?? [0, 0];
    expect([kernel, largest <= units, (differing / count) * 1e6 <= ofMillion]).toEqual([kernel, true, true]);
  }
});

function makeCases(backend: string, env = process.env): ResizeCases & { readonly values: Buffer } {
  const python = pythonOf(backend === "torch" ? "torch" : "pictures");
  execFileSync(python, [SCRIPT, backend, "--shapes", String(SHAPES), "--out", folder], { env });
  const made: ResizeCases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
  return { ...made, values: readFileSync(join(folder, "values.bin")) };
}

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
