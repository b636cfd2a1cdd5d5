import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import { isDerived } from "../../src/convert/derived-values.ts";
import { prepareContent } from "../../src/inference/content.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { resume } from "../../src/resumable.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { ShortTurns } from "../short-turns.ts";

const COUNT = 120_000;
const floats = Float32Array.from({ length: COUNT }, (_, i) => i / 7);
const texts = Array.from({ length: COUNT }, (_, i) => Buffer.from(`é"${i}`));
const tensor = {
  fp32: (name: string, ...shape: number[]) => createTensor(name, "FP32", shape, floats),
  fp64: (name: string, ...shape: number[]) => createTensor(name, "FP64", shape, Float64Array.from(floats)),
  fp16: (name: string, ...shape: number[]) =>
    createTensor(
      name,
      "FP16",
      shape,
      new Uint16Array(COUNT).map((_, i) => i % 31_000),
    ),
  int64: (name: string, ...shape: number[]) =>
    createTensor(
      name,
      "INT64",
      shape,
      BigInt64Array.from(floats, (_, i) => BigInt(i) * 987654321012n),
    ),
  bool: (name: string, ...shape: number[]) =>
    createTensor(
      name,
      "BOOL",
      shape,
      Uint8Array.from(floats, (_, i) => i % 2),
    ),
  bytes: (name: string, ...shape: number[]) => createTensor(name, "BYTES", shape, texts),
};
const longText = createTensor("x", "BYTES", [1], [Buffer.from("aé漢😀".repeat(300_000))]);

const OUTPUTS: readonly [string, readonly Tensor[]][] = [
  ["one row", [tensor.fp32("x", 1, COUNT)]],
  ["many rows", [tensor.fp64("x", COUNT / 2, 2)]],
  ["rows of pieces", [tensor.fp32("x", 2, 3, COUNT / 6)]],
  ["small arrays", [tensor.fp16("x", 5, COUNT / 20, 2, 2)]],
  ["long integers", [tensor.int64("x", COUNT)]],
  ["truths", [tensor.bool("x", 3, COUNT / 3)]],
  ["texts", [tensor.bytes("x", COUNT)]],
  ["one long text", [longText]],
  ["records", [tensor.fp32("x", COUNT / 4, 4), tensor.bytes("y", COUNT / 4, 4), tensor.int64("z", COUNT / 4, 2, 2)]],
  ["records of long rows", [tensor.fp32("x", 2, COUNT / 2), tensor.fp64("y", 2, COUNT / 2)]],
];

const requestOf = (init: { readonly inputs: readonly Tensor[] } | { readonly instances: readonly JsonValue[] }) =>
  InferRequest.create({ modelName: "m", ...init });

/** The matcher would show megabytes. */
async function expectInTurns(code: () => unknown, fresh: () => unknown): Promise<void> {
  const turns = new ShortTurns();
  const value = await resume(turns, code);
  const expected = fresh();
  const isSame = Buffer.isBuffer(value) ? value.equals(expected as Buffer) : isDeepStrictEqual(value, expected);
  if (!isSame) throw new Error("expected the same as at once");
  expect(turns.count).toBeGreaterThan(2);
}

const bytesOf = (body: readonly Uint8Array[]) => Buffer.concat(body);

describe("what takes long is written and derived in turns, and is the same as at once", () => {
  // The text of truths is made while it is sent.
  test.each(OUTPUTS.filter(([what]) => what !== "truths"))("%s as text for a client", async (_what, outputs) => {
    // V2 writes a text as one piece.
    for (const wire of outputs[0] === longText ? (["v1"] as const) : (["v1", "v2"] as const)) {
      const response = (): InferResponse => requestOf({ inputs: [] }).reply({ outputs });
      const encode = (of: InferResponse) =>
        bytesOf(
          selectCodec(wire).encodeResponse(of, { request: requestOf({ inputs: [] }), outputs: undefined } as never)
            .body,
        );
      const one = response();
      await expectInTurns(
        () => encode(one),
        () => encode(response()),
      );
    }
  });

  test.each(OUTPUTS)("%s as rows", async (_what, inputs) => {
    const one = requestOf({ inputs });
    await expectInTurns(
      () => one.instances,
      () => requestOf({ inputs }).instances,
    );
  });

  const ROWS: readonly [string, readonly JsonValue[]][] = [
    ["records", Array.from({ length: 30_000 }, (_, i) => ({ a: i, b: `x${i}`, c: [i, i + 0.5] }))],
    ["a few long rows", [{ a: Array.from(floats) }, { a: Array.from(floats) }]],
    ["arrays", Array.from({ length: 30_000 }, (_, i) => [[i], [i / 3]])],
    ["a text with half a pair before a whole one, where a piece ends", [`${"a".repeat(131_071)}\ud83d😀`]],
  ];

  test.each(ROWS)("%s as columns, and as text for a predictor", async (_what, instances) => {
    const one = requestOf({ instances });
    await expectInTurns(
      () => one.inputs.map(({ name, shape, data }) => ({ name, shape, data })),
      () => requestOf({ instances }).inputs.map(({ name, shape, data }) => ({ name, shape, data })),
    );
    const encode = () => bytesOf(selectCodec("v1").encodeRequest(one, {}).body);
    await expectInTurns(encode, () => Buffer.from(JSON.stringify({ instances })));
  });

  test("numbers of rows as the datatype that was declared", async () => {
    const body = [Buffer.from(`{"instances":${JSON.stringify(Array.from(floats, (value) => [Math.fround(value)]))}}`)];
    const inputs = [{ name: "x", datatype: "FP32" as const, shape: [-1, 1] }];
    const read = async () => {
      const limits = { ...DEFAULT_LIMITS, maxInstances: COUNT };
      const message = { headers: { "content-type": "application/json" }, body };
      const request = selectCodec("v1").decodeRequest(message, { modelName: "m", inputs, limits });
      await prepareContent(request, undefined);
      return request;
    };
    const [one, other] = [await read(), await read()];
    await expectInTurns(
      () => one.inputs.map(({ datatype, data }) => [datatype, data]),
      () => other.inputs.map(({ datatype, data }) => [datatype, data]),
    );
    expect(one.inputs[0]?.datatype).toBe("FP32");
  });

  test("columns of a client as the datatype that a predictor says", async () => {
    const body = [Buffer.from(`{"inputs":{"x":[${floats.map((value) => Math.fround(value)).join(",")}]}}`)];
    const specs = [{ name: "x", datatype: "FP32" as const, shape: [-1] }];
    const read = async () => {
      const message = { headers: { "content-type": "application/json" }, body };
      const request = selectCodec("v1").decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
      await prepareContent(request, undefined);
      return request.values;
    };
    const [one, other] = [await read(), await read()];
    if (!isDerived(one) || !isDerived(other)) throw new Error("expected values of JSON");
    await expectInTurns(
      () => one.tensorsAs(specs).map(({ datatype, data }) => [datatype, data]),
      () => other.tensorsAs(specs).map(({ datatype, data }) => [datatype, data]),
    );
  });

  test("a fault is told with its place in the whole", async () => {
    const outputs = [
      createTensor(
        "x",
        "FP32",
        [COUNT],
        Float32Array.from(floats, (value, i) => (i === COUNT - 1 ? Number.NaN : value)),
      ),
    ];
    const response = requestOf({ inputs: [] }).reply({ outputs });
    const encode = () =>
      selectCodec("v2").encodeResponse(response, { request: requestOf({ inputs: [] }), outputs: undefined } as never);
    await expect((async () => resume(new ShortTurns(), encode))()).rejects.toThrow(`element ${COUNT - 1} is NaN`);
    const rows = Array.from({ length: COUNT }, (_, i) => (i === COUNT - 1 ? [Number.NaN] : [1]));
    const request = requestOf({ instances: rows });
    await expect(
      (async () => resume(new ShortTurns(), () => selectCodec("v1").encodeRequest(request, {})))(),
    ).rejects.toThrow(`instances[${COUNT - 1}][0]`);
  });
});
