/**
 * Numbers as JSON text against JSON.stringify and JSON.parse, side by side in one run, results compared first:
 * `node --import ./bench/typescript.mjs bench/tensor/number-text.ts`. Times are processor time, the best of many runs.
 */
import assert from "node:assert/strict";
import type { NumericData, NumericDatatype } from "../../src/tensor/datatype.ts";
import { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { flattenNested, toNested } from "../../src/tensor/nested/nested-array.ts";
import { readNumberArray } from "../../src/tensor/read-numbers.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { formatElements } from "../../src/tensor/write-numbers.ts";

const SHAPE = [1, 299, 299, 3];
const COUNT = 299 * 299 * 3;
const RUNS = 25;

/** The same numbers in every run (a linear congruential generator). */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = createRandom();
const pixels = Uint8Array.from({ length: COUNT }, () => random() * 256);
const tf = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);
const torch = [0.485, 0.456, 0.406].map((mean) =>
  Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / 0.225),
);
const floats = Float32Array.from({ length: COUNT }, () => random() * 4 - 2);
const doubles = Float64Array.from({ length: COUNT }, () => random() + random() / 2 ** 30);

const TENSORS: Readonly<Record<string, Tensor>> = {
  "image NHWC, one table": new LookupTensor("x", SHAPE, pixels, [tf]),
  "image NHWC, table a channel": new LookupTensor("x", SHAPE, pixels, torch),
  "image NCHW, table a channel": new LookupTensor("x", [1, 3, 299, 299], pixels, torch, { run: 299 * 299 }),
  "FP32, an image's values": createTensor(
    "x",
    "FP32",
    SHAPE,
    Float32Array.from(pixels, (byte) => tf[byte] as number),
  ),
  "FP32, any values": createTensor("x", "FP32", SHAPE, floats),
  "FP64, 16 or 17 digits": createTensor("x", "FP64", SHAPE, doubles),
  "FP64, two decimals": createTensor(
    "x",
    "FP64",
    SHAPE,
    doubles.map((value) => Math.round(value * 10_000) / 100),
  ),
  UINT8: createTensor("x", "UINT8", SHAPE, pixels),
  "INT32, six digits": createTensor(
    "x",
    "INT32",
    SHAPE,
    Int32Array.from(floats, (value) => value * 500_000),
  ),
  "INT64, six digits": createTensor(
    "x",
    "INT64",
    SHAPE,
    BigInt64Array.from(floats, (value) => BigInt(Math.trunc(value * 500_000))),
  ),
};

function measure(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

function report(name: string, ours: number, theirs: number, bytes: number): void {
  const ratio = (theirs / ours).toFixed(1);
  console.log(
    `${name.padEnd(30)} ${ours.toFixed(1).padStart(6)} ms ${theirs.toFixed(1).padStart(7)} ms ${ratio.padStart(6)} ×  ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

/** Copies nested arrays into a typed array, as one would after JSON.parse. */
function copyNested(value: readonly unknown[], target: NumericData, start: number): number {
  if (typeof value[0] !== "number") {
    let at = start;
    for (const item of value) at = copyNested(item as unknown[], target, at);
    return at;
  }
  if (target instanceof BigInt64Array)
    for (let i = 0; i < value.length; i++) target[start + i] = BigInt(value[i] as number);
  else for (let i = 0; i < value.length; i++) target[start + i] = value[i] as number;
  return start + value.length;
}

function readOurs(bytes: Uint8Array, datatype: NumericDatatype): NumericData {
  return readNumberArray(bytes, 0, { name: "x", datatype, maxElements: COUNT, maxDepth: 8 }).data;
}

function readTheirs(bytes: Uint8Array, like: NumericData): NumericData {
  const target = like.slice();
  copyNested(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()), target, 0);
  return target;
}

console.log(`299 × 299 × 3, Node ${process.versions.node}\n`);
console.log("writing nested text              ours   JSON.stringify of nested arrays that are there already");
for (const [name, tensor] of Object.entries(TENSORS)) {
  const nested = JSON.parse(Buffer.from(formatElements(tensor, "nested")).toString());
  assert.deepEqual(flattenNested("x", nested, tensor, "x").data, tensor.data);
  // No INT64 here is beyond 2^53, so JSON.stringify takes them all.
  const value = toNested(tensor);
  const theirs = measure(() => Buffer.from(JSON.stringify(value)));
  const ours = measure(() => formatElements(tensor, "nested"));
  report(name, ours, theirs, formatElements(tensor, "nested").length);
}

console.log("\nreading into a typed array       ours   JSON.parse and copy");
for (const [name, tensor] of Object.entries(TENSORS)) {
  if (tensor instanceof LookupTensor) continue;
  const data = tensor.data as NumericData;
  const texts: [string, Uint8Array][] = [[name, formatElements(tensor, "nested")]];
  // What Python writes: FP32 widened to doubles, and a space behind each comma.
  if (tensor.datatype === "FP32") {
    const python = JSON.stringify(toNested(tensor)).replaceAll(",", ", ");
    texts.push([`${name}, by Python`, Buffer.from(python)]);
  }
  for (const [title, bytes] of texts) {
    const datatype = tensor.datatype as NumericDatatype;
    assert.deepEqual(readOurs(bytes, datatype), data);
    assert.deepEqual(readTheirs(bytes, data), data);
    report(
      title,
      measure(() => readOurs(bytes, datatype)),
      measure(() => readTheirs(bytes, data)),
      bytes.length,
    );
  }
}
