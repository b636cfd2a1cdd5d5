/**
 * Whole V1 and V2 bodies through the codecs against JSON.parse and JSON.stringify, side by side in one run, results compared
 * first: `node --import ./bench/typescript.mjs bench/protocol/codecs.ts`. Times are processor time, the best of many runs.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { WireMessage } from "../../src/inference/content.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { EncodeRequestOptions } from "../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import type { Tensor, TensorSpec } from "../../src/tensor/tensor.ts";

const SIZE = 299;
const COUNT = SIZE * SIZE * 3;
const v1 = selectCodec("v1");
const v2 = selectCodec("v2");

/** Best processor time of a run, in microseconds. */
function measure(run: () => unknown, times: number, rounds: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / times);
  }
  return best;
}

function report(title: string, rows: Readonly<Record<string, () => unknown>>, times: number, rounds: number): void {
  console.log(`\n${title}`);
  let first: number | undefined;
  for (const [name, run] of Object.entries(rows)) {
    run();
    const time = measure(run, times, rounds);
    first ??= time;
    console.log(
      `  ${name.padEnd(58)}${time.toFixed(time < 100 ? 2 : 0).padStart(9)} µs  ×${(first / time).toFixed(2)}`,
    );
  }
}

const requestOf = (tensor: Tensor) =>
  new InferRequest({
    modelName: "m",
    content: { parameters: {}, members: {}, values: new TensorValues([tensor], "input") },
  });
const message = (body: string | Buffer): WireMessage => ({
  headers: { "content-type": "application/json" },
  body: [Buffer.from(body)],
});
const joined = ({ headers, body }: WireMessage): WireMessage => ({ headers, body: [Buffer.concat(body)] });

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const floats = Float32Array.from({ length: COUNT }, () => random() * 2 - 1);
const pixels = Uint8Array.from({ length: COUNT }, () => random() * 256);
const table = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);
const image = new LookupTensor("image", [1, SIZE, SIZE, 3], pixels, [table]);

const nest = (data: ArrayLike<number>) =>
  Array.from({ length: SIZE }, (_, row) =>
    Array.from({ length: SIZE }, (_, column) =>
      Array.from({ length: 3 }, (_, channel) => data[(row * SIZE + column) * 3 + channel] as number),
    ),
  );
const nestedPixels = nest(image.data);
const text = JSON.stringify({ instances: [nest(floats)] });
const v1Image = message(text);
const specs: readonly TensorSpec[] = [{ name: "x", datatype: "FP32", shape: [-1, SIZE, SIZE, 3] }];
const decodeOptions = { modelName: "m", limits, inputs: specs };

function parseAndCopy(): Float32Array {
  const { instances } = JSON.parse(v1Image.body[0]?.toString() as string);
  const data = new Float32Array(COUNT);
  let next = 0;
  for (const row of instances[0]) for (const pixel of row) for (const value of pixel) data[next++] = value;
  return data;
}

assert.deepEqual(v1.decodeRequest(v1Image, decodeOptions).input().data, parseAndCopy());
const written = JSON.parse(Buffer.concat(v1.encodeRequest(requestOf(image), {}).body).toString());
assert.deepEqual(Float32Array.from(written.instances.flat(3)), image.data);

report(
  `V1 body of ${(text.length / 1e6).toFixed(1)} MB, ${SIZE}×${SIZE}×3 floats, into a Float32Array`,
  {
    "JSON.parse and a copy": parseAndCopy,
    "codec, declared FP32": () => v1.decodeRequest(v1Image, decodeOptions).input().data,
    "codec, undeclared (FP64)": () => v1.decodeRequest(v1Image, { modelName: "m", limits }).input().data,
    "codec, rows": () => v1.decodeRequest(v1Image, decodeOptions).instances,
  },
  1,
  25,
);

report(
  `V1 body of an image tensor, ${SIZE}×${SIZE}×3`,
  {
    "JSON.stringify of nested arrays, to bytes": () => Buffer.from(JSON.stringify({ instances: [nestedPixels] })),
    codec: () => v1.encodeRequest(requestOf(image), {}).body,
  },
  1,
  25,
);

const encodings: readonly (readonly [string, EncodeRequestOptions])[] = [
  ["JSON", {}],
  ["binary", { binary: true }],
];
const tensor: Tensor = { name: "x", datatype: "FP32", shape: [1, SIZE, SIZE, 3], data: floats };
for (const [name, encoding] of encodings) {
  const body = joined(v2.encodeRequest(requestOf(tensor), encoding));
  assert.deepEqual(v2.decodeRequest(body, decodeOptions).input().data, floats);
  report(
    `V2 ${name}, the same floats`,
    {
      write: () => v2.encodeRequest(requestOf(tensor), encoding),
      "read names and shapes": () => v2.decodeRequest(body, decodeOptions).input().shape,
      "read elements": () => v2.decodeRequest(body, decodeOptions).input().data,
    },
    1,
    25,
  );
}

const rows = '{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}';
const tensors =
  '{"id":"42","inputs":[{"name":"input-0","shape":[2,4],"datatype":"FP32","data":[6.8,2.8,4.8,1.4,6.0,3.4,4.5,1.6]}]}';
report(
  "Small bodies",
  {
    "JSON.parse, V1": () => JSON.parse(rows),
    "codec, V1 rows": () => v1.decodeRequest(message(rows), { modelName: "m", limits }).instances,
    "codec, V1 columns": () => v1.decodeRequest(message(rows), { modelName: "m", limits }).input().data,
    "JSON.parse, V2": () => JSON.parse(tensors),
    "codec, V2": () => v2.decodeRequest(message(tensors), { modelName: "m", limits }).input().data,
  },
  5000,
  20,
);
