import { Buffer } from "node:buffer";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { InferResponse } from "../../../src/inference/infer-response.ts";
import { RowValues, TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import { ModelInferRequestSchema } from "../../../src/protocol/grpc/gen/inference_pb.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import type { Parameters, Tensor } from "../../../src/tensor/tensor.ts";
import { testCodec } from "../codec-suite.ts";

const limits = DEFAULT_LIMITS;
const modelName = "m";

describe("gRPC, raw contents", () => {
  testCodec({ codec: grpcCodec, headers: {}, bits: true });
});

describe("gRPC, typed contents", () => {
  testCodec({ codec: grpcCodec, encoding: { binary: false }, headers: {}, bits: true });
});

type RequestInit = MessageInitShape<typeof ModelInferRequestSchema>;

function decode(init: RequestInit | Uint8Array, overrides: Partial<typeof limits> = {}): InferRequest {
  const bytes =
    init instanceof Uint8Array ? init : toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, init));
  return grpcCodec.decodeRequest({ headers: {}, body: [bytes] }, { modelName, limits: { ...limits, ...overrides } });
}

function requestOf(tensors: readonly Tensor[], extra = {}): InferRequest {
  const content = { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...extra };
  return new InferRequest({ modelName, content });
}

const bigint = (value: number) => BigInt(value);

describe("bad requests", () => {
  const raw = (datatype: string, shape: readonly number[], bytes: number): RequestInit => ({
    inputs: [{ name: "x", datatype, shape: shape.map(bigint) }],
    rawInputContents: [new Uint8Array(bytes)],
  });
  const typed = (datatype: string, shape: readonly number[], contents: object): RequestInit => ({
    inputs: [{ name: "x", datatype, shape: shape.map(bigint), contents }],
  });
  const framed = (...bytes: number[]): RequestInit => ({
    inputs: [{ name: "x", datatype: "BYTES", shape: [1n] }],
    rawInputContents: [Uint8Array.from(bytes)],
  });

  test.each<[string, RequestInit, string]>([
    ["a huge shape", raw("FP32", [1_000_000, 1_000_000], 16), "more than the limit of 67108864"],
    ["a shape that overflows", raw("FP32", [2 ** 40, 2 ** 40], 16), "more elements than can be counted"],
    ["a negative dimension", raw("FP32", [-1, 4], 16), "shape must be an array of whole numbers ≥ 0, got [-1,4]"],
    ["a dimension beyond 2^53", raw("FP32", [2 ** 60], 16), "shape must be an array of whole numbers ≥ 0"],
    ["a shape of a hundred dimensions", raw("FP32", Array(100).fill(1), 4), "at most 64 dimensions"],
    ["too few bytes", raw("INT64", [2], 15), "INT64 of shape [2] takes 16 bytes, got 15"],
    ["too many bytes", raw("BOOL", [2], 3), "BOOL of shape [2] takes 2 bytes, got 3"],
    ["a scalar without bytes", raw("FP64", [], 0), "FP64 of shape [] takes 8 bytes, got 0"],
    ["bytes of an empty tensor", raw("FP32", [0, 3], 4), "FP32 of shape [0,3] takes 0 bytes, got 4"],
    ["fewer bytes than BYTES elements have lengths", raw("BYTES", [9], 8), "takes at least 36 bytes, got 8"],
    ["a BYTES element over the end", framed(9, 0, 0, 0, 1), "expected 9 bytes for BYTES element 0, got 1 left"],
    ["BYTES that hold one more", framed(0, 0, 0, 0, 0, 0, 0, 0), "expected 1 BYTES elements, got 2"],
    ["an unknown datatype", raw("FP31", [1], 4), "datatype must be one of BOOL, UINT8"],
    ["typed FP16", typed("FP16", [1], { fp32Contents: [1] }), "FP16 takes raw contents, got fp32_contents"],
    ["another field", typed("INT64", [1], { intContents: [1] }), "INT64 takes int64_contents, got int_contents"],
    ["too few typed elements", typed("UINT8", [3], { uintContents: [1, 2] }), "takes 3 uint_contents elements, got 2"],
    [
      "a number out of range",
      typed("INT8", [2], { intContents: [1, 128] }),
      "element 1 must be from -128 to 127, got 128",
    ],
    ["a negative UINT16 beyond", typed("UINT16", [1], { uintContents: [70_000] }), "from 0 to 65535, got 70000"],
    [
      "two tensors of one name",
      { inputs: [1, 2].map(() => ({ name: "x", datatype: "FP32", shape: [0n] })) },
      "two tensors are named 'x'",
    ],
    [
      "raw and typed contents",
      { ...typed("FP32", [1], { fp32Contents: [1] }), rawInputContents: [new Uint8Array(4)] },
      "expected contents or raw_input_contents, got both",
    ],
    [
      "fewer raw contents than inputs",
      { inputs: [{ name: "a" }, { name: "b" }], rawInputContents: [new Uint8Array(4)] },
      "raw_input_contents: expected 2, one for each of inputs, got 1",
    ],
  ])("%s names the tensor, what was expected and what came", (_, init, message) => {
    const request = decode(init);
    expect(() => request.inputs.map(({ data }) => data)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(message) }),
    );
  });

  test("shapes that contradict the elements are not handed on unread either", () => {
    const request = decode(raw("FP32", [1_000_000, 1_000_000], 16));
    expect(() => grpcCodec.encodeRequest(request, {})).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("more tensors, or more elements, than the limits", () => {
    const inputs = [1, 2, 3].map((n) => ({ name: `x${n}`, datatype: "FP32", shape: [0n] }));
    expect(() => decode({ inputs }, { maxTensors: 2 }).inputs).toThrow(
      "inputs: more than the limit of 2 (max_tensors)",
    );
    expect(() => decode(raw("FP32", [4], 16), { maxElements: 3 }).inputs).toThrow("more than the limit of 3");
  });

  test("names and parameters that are not UTF-8", () => {
    const name = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(0xff, 0xfe)).finish();
    const bytes = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(name).finish();
    expect(() => decode(bytes).inputs).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

describe("reading", () => {
  test("typed elements that are not packed, in parts, are the same", () => {
    const element = (value: number) => new BinaryWriter().tag(2, WireType.Varint).int32(value).finish();
    const part = (...values: number[]) => Buffer.concat(values.map(element));
    const tensor = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .string("x")
      .tag(2, WireType.LengthDelimited)
      .string("INT16")
      .tag(3, WireType.Varint)
      .int64(2)
      .tag(3, WireType.Varint)
      .int64(2)
      .tag(5, WireType.LengthDelimited)
      .bytes(part(-5, 300))
      .tag(5, WireType.LengthDelimited)
      .bytes(part(7, -32768))
      .finish();
    const request = decode(new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor).finish());
    expect(request.input()).toMatchObject({ shape: [2, 2], data: Int16Array.of(-5, 300, 7, -32768) });
  });

  test("raw contents at an offset that suits them are viewed, others copied once", () => {
    const data = Float32Array.of(1, 2, 3);
    const head = joinChunks(
      grpcCodec.encodeRequest(requestOf([{ name: "x", datatype: "FP32", shape: [3], data }]), {}).body,
    );
    for (let shift = 0; shift < 4; shift++) {
      const memory = new ArrayBuffer(head.length + shift);
      const bytes = new Uint8Array(memory, shift);
      bytes.set(head);
      const tensor = decode(bytes).input("x", "FP32");
      const suits = (shift + head.length - 12) % 4 === 0;
      expect(tensor.data).toEqual(data);
      expect(tensor.data.buffer === memory).toBe(suits);
    }
  });

  test("unknown fields are skipped, the last of a repeated one counts", () => {
    const bytes = new BinaryWriter()
      .tag(99, WireType.LengthDelimited)
      .string("future")
      .tag(3, WireType.LengthDelimited)
      .string("first")
      .tag(3, WireType.LengthDelimited)
      .string("last")
      .tag(98, WireType.StartGroup)
      .tag(1, WireType.Bit64)
      .double(1)
      .tag(98, WireType.EndGroup)
      .finish();
    expect(decode(bytes).id).toBe("last");
  });

  test("parameters of every kind, of the request, its tensors and its outputs", () => {
    const parameters: Parameters = {
      s: "ü",
      b: false,
      n: -7,
      big: 2n ** 63n - 1n,
      unsigned: 2n ** 64n - 1n,
      half: 0.5,
      huge: 1e300,
      ["__proto__"]: 1,
    };
    const own = requestOf([{ name: "x", datatype: "BOOL", shape: [1], data: Uint8Array.of(1), parameters }], {
      parameters,
      requestedOutputs: [
        { name: "y", parameters },
        { name: "z", parameters: {} },
      ],
    });
    const message = grpcCodec.encodeRequest(own, { forwardRequestedOutputs: true });
    const read = grpcCodec.decodeRequest(message, { modelName, limits });
    expect(read.parameters).toEqual(parameters);
    expect(read.input().parameters).toEqual(parameters);
    expect(read.requestedOutputs).toEqual([
      { name: "y", parameters },
      { name: "z", parameters: {} },
    ]);
    expect(() => grpcCodec.encodeRequest(requestOf([], { parameters: { n: 2n ** 64n } }), {})).toThrow("parameter 'n'");
  });

  test("random bytes never crash the readers of names", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const message = { headers: {}, body: [bytes] };
        try {
          const renamed = grpcCodec.replaceModelName(message, "n");
          expect(grpcCodec.decodeResponse(renamed, { modelName, limits }).source?.message).toBe(renamed);
        } catch (error) {
          expect(InferenceError.isInstance(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("writing", () => {
  const x: Tensor = { name: "x", datatype: "FP32", shape: [2], data: Float32Array.of(1, 2) };

  function answer(request: InferRequest, response: InferResponse, outputs?: readonly Tensor[]): InferResponse {
    const message = grpcCodec.encodeResponse(response, { request, ...(outputs === undefined ? {} : { outputs }) });
    return grpcCodec.decodeResponse(message, { modelName, limits });
  }

  test("a model name is replaced and nothing else", () => {
    const message = grpcCodec.encodeRequest(requestOf([x], { id: "1", parameters: { a: 1 } }), {});
    const renamed = grpcCodec.replaceModelName(message, "another-name");
    const back = grpcCodec.replaceModelName(renamed, modelName);
    expect(joinChunks(renamed.body).length).toBe(joinChunks(message.body).length + "another-name".length - 1);
    expect(joinChunks(back.body)).toEqual(joinChunks(message.body));
    expect(grpcCodec.replaceModelName(message, modelName)).toBe(message);
  });

  test("requested outputs come in their order; an unknown one is a bad request", () => {
    const y: Tensor = { ...x, name: "y" };
    const wants = (...names: string[]) =>
      requestOf([x], { requestedOutputs: names.map((name) => ({ name, parameters: {} })) });
    const both = requestOf([]).reply({ outputs: [x, y] });
    expect(answer(wants("y", "x"), both).outputs.map(({ name }) => name)).toEqual(["y", "x"]);
    expect(answer(wants("y"), both).outputs.map(({ name }) => name)).toEqual(["y"]);
    expect(() => answer(wants("z"), both)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  test("predictions that are not tensors become one BYTES tensor of JSON texts", () => {
    const rows = [{ label: "hat", score: 0.5 }, null];
    const content = { parameters: {}, members: {}, values: new RowValues(rows, "output") };
    const { datatype, shape, data } = answer(requestOf([x]), new InferResponse({ modelName, content })).output(
      "predictions",
    );
    expect({ datatype, shape }).toEqual({ datatype: "BYTES", shape: [2] });
    expect((data as Uint8Array[]).map((text) => Buffer.from(text).toString())).toEqual([
      '{"label":"hat","score":0.5}',
      "null",
    ]);
  });

  test("the answer carries the request's id and name, the predictor's version, and parameters", () => {
    const content = { modelName: "other", modelVersion: "4", id: "wrong", parameters: { p: 1 }, members: { m: "x" } };
    const response = new InferResponse({ modelName, content: { ...content, values: new TensorValues([x], "output") } });
    const read = answer(requestOf([x], { id: "right" }), response).content;
    expect(read).toMatchObject({ id: "right", modelName: "m", modelVersion: "4", parameters: { p: 1, m: "x" } });
  });

  test("an image tensor is written as its floats", () => {
    const table = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);
    const image = new LookupTensor("x", [1, 2, 1, 1], Uint8Array.of(0, 255), [table]);
    const read = grpcCodec.decodeRequest(grpcCodec.encodeRequest(requestOf([image]), {}), { modelName, limits });
    expect(read.input().data).toEqual(Float32Array.of(-1, 1));
  });

  test("raw elements are not copied on their way into a message", () => {
    const message = grpcCodec.encodeRequest(requestOf([x]), {});
    expect(message.body.some((chunk) => chunk.buffer === (x.data as Float32Array).buffer)).toBe(true);
  });

  test("an error says its gRPC status; a server error names the request", () => {
    const { headers, body } = grpcCodec.encodeError(new InferenceError("no", { code: "not_found" }), "r1");
    expect({ headers, body }).toEqual({ headers: { "grpc-status": "5", "grpc-message": "no" }, body: [] });
    expect(grpcCodec.encodeError(new InferenceError("oh"), "r1").headers["grpc-message"]).toBe("oh (request r1)");
  });
});
