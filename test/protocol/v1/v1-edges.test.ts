import { Buffer } from "node:buffer";
import { createTensor, type InferRequest, type Tensor } from "kserve-transformer";
import { LookupTensor } from "kserve-transformer/tensor";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";

function decode(body: unknown, limits = DEFAULT_LIMITS): InferRequest {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return v1Codec.decodeRequest({ headers: {}, body: [Buffer.from(text)] }, { modelName: "m", limits });
}

function sent(tensors: readonly Tensor[]): string {
  const request = decode({ instances: [1] }).withInputs(tensors);
  return Buffer.concat(v1Codec.encodeRequest(request, {}).body).toString();
}

describe("null members are absent", () => {
  test.each([
    { instances: [1], inputs: null },
    { inputs: null, instances: [1] },
  ])("%j is rows", (body) => {
    expect(decode(body).instances).toEqual([1]);
  });
  test("instances beside inputs", () => {
    expect(decode({ instances: null, inputs: { a: [1] } }).input("a").shape).toEqual([1]);
  });
  test("both", () => {
    expect(() => decode({ instances: null, inputs: null }).instances).toThrow(
      "expected instances or inputs, got neither",
    );
  });
});

describe("inputs of rows", () => {
  const body = {
    inputs: [
      { length: [5.1], width: [3.5] },
      { length: [4.9], width: [3] },
    ],
  };

  test("are rows, as KServe's SDK reads them, and answered with predictions", () => {
    const request = decode(body);
    expect(request.instances).toEqual(body.inputs);
    expect(request.input("length").shape).toEqual([2, 1]);
    const answer = v1Codec.encodeResponse(request.reply({ predictions: [1, 2] }), { request });
    expect(Buffer.concat(answer.body).toString()).toBe('{"predictions":[1,2]}');
  });
  test("name their place as the client wrote it", () => {
    expect(() => decode({ inputs: [{ a: 1 }, { b: 1 }] }).inputs).toThrow("inputs[1].a: missing, inputs[0] has it");
  });
  test("bytes in base64 stay one nameless column", () => {
    expect(decode({ inputs: [{ b64: "aGk=" }] }).input("input-0", "BYTES").data).toEqual(
      [Buffer.from("hi")].map((b) => new Uint8Array(b)),
    );
  });
});

test("max_tensors holds for the keys of rows", () => {
  const limits = { ...DEFAULT_LIMITS, maxTensors: 2 };
  expect(decode({ instances: [{ a: 1, b: 2 }] }, limits).inputs).toHaveLength(2);
  for (const member of ["instances", "inputs"]) {
    expect(() => decode({ [member]: [{ a: 1, b: 2, c: 3 }] }, limits).inputs).toThrow(
      `${member}[0]: 3 keys are more than the limit of 2 tensors (max_tensors)`,
    );
  }
});

test("b64 may be a data: URL", () => {
  const read = (b64: string) =>
    decode({ instances: [{ b64 }] })
      .input(undefined, "BYTES")
      .data.map(String);
  expect(read("data:text/plain;base64,aGk=")).toEqual(read("aGk="));
  expect(() => read("data:text/plain,hi")).toThrow("instances[0]");
});

test("floats keep their point, integers have none", () => {
  const bits = new Float64Array([1, 0, -2, 2 ** 53, 1e20, 1.5, 1e21]);
  expect(sent([createTensor("x", "FP64", [7], bits)])).toBe(
    '{"instances":[1.0,0.0,-2.0,9007199254740992.0,1e20,1.5,1e21]}',
  );
  const single = new Float32Array([255, 0, -1, 1e11, 1e12, 1e13, 16777216, 0.5]);
  expect(sent([createTensor("x", "FP32", [8], single)])).toBe(
    '{"instances":[255.0,0.0,-1.0,100000000000.0,1e12,1e13,16777216.0,0.5]}',
  );
  expect(sent([createTensor("x", "FP16", [1], Uint16Array.of(0x3c00))])).toBe('{"instances":[1.0]}');
  expect(sent([createTensor("x", "INT64", [1], BigInt64Array.of(255n))])).toBe('{"instances":[255]}');
  expect(sent([createTensor("x", "UINT8", [1], Uint8Array.of(255))])).toBe('{"instances":[255]}');
});

test("every whole FP32 with a point reads back, in the table, in the memo and one by one", () => {
  const values = Float32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 2 ** (i / 2));
  const finite = values.map((value) => (Number.isFinite(value) ? value : 0));
  const read = (tensor: Tensor) => {
    const text = sent([tensor]);
    expect(text).not.toMatch(/[[,]-?\d+[,\]]/);
    return Float32Array.from((JSON.parse(text) as { instances: number[] }).instances);
  };
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(read(new LookupTensor("x", [256], bytes, [finite]))).toEqual(finite);
  expect(read(createTensor("x", "FP32", [256], finite))).toEqual(finite);
  const many = Float32Array.from({ length: 8192 }, (_, i) => finite[i % 256] as number);
  expect(read(createTensor("x", "FP32", [8192], many))).toEqual(many);
});
