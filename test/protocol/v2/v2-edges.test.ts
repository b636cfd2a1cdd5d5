import { Buffer } from "node:buffer";
import type { InferRequest } from "kserve-transformer";
import type { TensorSpec } from "kserve-transformer/tensor";
import { assertForwardable } from "../../../src/protocol/check-request.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { mentionsSharedMemory } from "../../../src/protocol/shared-memory.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";

function decode(body: unknown): InferRequest {
  return v2Codec.decodeRequest({ headers: {}, body: [Buffer.from(JSON.stringify(body))] }, { modelName: "m", limits });
}

test("outputs: null asks for all of them", () => {
  const input = { name: "x", shape: [1], datatype: "FP32", data: [1] };
  expect(decode({ inputs: [input], outputs: null }).requestedOutputs).toBeUndefined();
});

describe("a raw binary request", () => {
  const message = (bytes: Uint8Array) => ({ headers: { "inference-header-content-length": "0" }, body: [bytes] });
  const raw = (bytes: Uint8Array, inputs?: readonly TensorSpec[]) =>
    v2Codec.decodeRequest(message(bytes), { modelName: "m", limits, inputs });
  const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

  test("is one element of BYTES where nothing is declared", () => {
    const [input] = raw(Buffer.from("hello")).inputs;
    expect(input).toMatchObject({ name: "input-0", datatype: "BYTES", shape: [1] });
    expect(String(input?.data)).toBe(String(new TextEncoder().encode("hello")));
  });
  test("has the declared input's datatype, and its open dimension", () => {
    const [input] = raw(floats, [{ name: "x", datatype: "FP32", shape: [-1, 2] }]).inputs;
    expect(input).toMatchObject({ name: "x", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  });
  test.each([
    [[{ name: "x", datatype: "FP32", shape: [-1, 3] }], "input 'x': 16 bytes say no shape for FP32 of [-1,3]"],
    [[{ name: "x", datatype: "FP32", shape: [-1, -1] }], "input 'x': 16 bytes say no shape for FP32 of [-1,-1]"],
    [[{ name: "x", datatype: "FP32", shape: [3] }], "tensor 'x': FP32 of shape [3] takes 12 bytes, got 16"],
    [
      [
        { name: "x", datatype: "FP32", shape: [4] },
        { name: "y", datatype: "FP32", shape: [4] },
      ],
      "is one input, the model takes 2",
    ],
  ] as [TensorSpec[], string][])("that fits no shape is refused (%#)", (specs, text) => {
    expect(() => raw(floats, specs).inputs).toThrow(text);
  });
  test("goes to a V2 predictor as it came", () => {
    const request = raw(floats);
    void request.inputs;
    expect(v2Codec.encodeRequest(request, { binary: false })).toMatchObject({
      headers: { "inference-header-content-length": "0" },
      body: [floats],
    });
  });
});

describe("shared memory", () => {
  const region = { shared_memory_region: "r", shared_memory_byte_size: 4 };
  const bodies = {
    input: { inputs: [{ name: "x", shape: [1], datatype: "FP32", parameters: region }] },
    output: {
      inputs: [{ name: "y", shape: [1], datatype: "FP32", data: [1] }],
      outputs: [{ name: "x", parameters: region }],
    },
  };

  test.each(["input", "output"] as const)("of an %s is refused by name, read or unread", (side) => {
    const text = "tensor 'x': shared memory (parameter 'shared_memory_region') is not taken, send its data";
    expect(() => decode(bodies[side]).inputs).toThrow(text);
    const body = Buffer.from(JSON.stringify(bodies[side]));
    expect(() => assertForwardable("v2", { headers: {}, body: [body] }, limits)).toThrow(text);
  });
  test("is found across chunks, and where it is only text it passes", () => {
    const text = '{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["shared_memory_region"]}]}';
    for (let cut = 1; cut < text.length; cut++) {
      expect(mentionsSharedMemory([Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))])).toBe(true);
    }
    expect(mentionsSharedMemory([...text].map((character) => Buffer.from(character)))).toBe(true);
    expect(() => assertForwardable("v2", { headers: {}, body: [Buffer.from(text)] }, limits)).not.toThrow();
  });
});
