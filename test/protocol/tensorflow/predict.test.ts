import { Buffer } from "node:buffer";
import fc from "fast-check";
import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { decodePredictResponse } from "../../../src/protocol/tensorflow/decode.ts";
import { encodePredictRequest } from "../../../src/protocol/tensorflow/encode.ts";
import {
  decodeMetadataResponse,
  encodeMetadataRequest,
  encodeStatusRequest,
  isAvailable,
} from "../../../src/protocol/tensorflow/metadata.ts";
import { toRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { MESSAGES, message, sampleOf } from "./messages.ts";

const limits = DEFAULT_LIMITS;

function plain(tensor: Tensor) {
  const { name, datatype, shape } = tensor;
  return { name, datatype, shape, raw: Buffer.from(toRawBytes(tensor)).toString("base64") };
}

function requestOf(tensors: readonly Tensor[], extra = {}, modelVersion?: string): InferRequest {
  const content = { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...extra };
  return new InferRequest({ modelName: "m", modelVersion, content });
}

function decode(bytes: Uint8Array) {
  return decodePredictResponse(bytes, "m", limits);
}

describe.each(MESSAGES.tensors.map((sample) => [`${sample.datatype} [${sample.shape}]`, sample] as const))(
  "%s",
  (_, sample) => {
    const expected = { name: "y", datatype: sample.datatype, shape: sample.shape, raw: sample.raw };

    test("is written as TensorFlow writes it", () => {
      const bytes = Buffer.concat(encodePredictRequest(requestOf([sampleOf("x", sample)]), {}));
      expect(bytes.toString("base64")).toBe(sample.request);
    });

    test("is read from one block and one by one", () => {
      for (const form of [sample.content, sample.values]) {
        const response = decode(Buffer.from(form, "base64"));
        expect(response.outputs.map(plain)).toEqual([expected]);
        expect(response).toMatchObject({ modelName: "m", modelVersion: "7" });
      }
    });
  },
);

describe("answers", () => {
  test("strings in one block", () => {
    const bytes = MESSAGES.tensors.find(({ datatype, shape }) => datatype === "BYTES" && shape.length === 1);
    expect(decode(message("stringsInContent")).outputs.map((tensor) => plain(tensor).raw)).toEqual([bytes?.raw]);
  });

  test("the last element stands for all that are missing; without any they are zero", () => {
    expect(decode(message("lastRepeated")).output().data).toEqual(Float32Array.of(1.5, 2.5, 2.5, 2.5, 2.5, 2.5));
    expect(decode(message("noneGiven")).output().data).toEqual(new BigInt64Array(3));
  });

  test("a dtype that V2 has no name for is a bad gateway that names output and dtype", () => {
    expect(() => decode(message("complex"))).toThrow(
      expect.objectContaining({
        code: "bad_gateway",
        message: "predictor's response: tensor 'y': TensorFlow's dtype 8 has no V2 datatype",
      }),
    );
  });

  test("more elements than the shape takes, or than the limit, are a bad gateway", () => {
    const three = Buffer.from(MESSAGES.tensors.find(({ datatype }) => datatype === "INT8")?.values ?? "", "base64");
    // The only dimension's size, 6, becomes 5.
    const at = three.indexOf(Buffer.from([0x12, 0x02, 0x08, 0x06]));
    three[at + 3] = 5;
    expect(() => decode(three)).toThrow(
      expect.objectContaining({ code: "bad_gateway", message: expect.stringContaining("takes 5 elements, got 6") }),
    );
    expect(() => decodePredictResponse(message("lastRepeated"), "m", { ...limits, maxElements: 5 })).toThrow(
      expect.objectContaining({ code: "bad_gateway", message: expect.stringContaining("more than the limit of 5") }),
    );
  });

  test("any bytes give a response or a bad gateway, never another error", () => {
    const good = MESSAGES.tensors.map(({ values }) => Buffer.from(values, "base64"));
    const damaged = fc
      .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), (bytes) => {
        try {
          for (const { data } of decodePredictResponse(bytes, "m", { ...limits, maxElements: 1e6 }).outputs) void data;
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_gateway" });
          expect(InferenceError.isInstance(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("requests", () => {
  const int32 = MESSAGES.tensors.find(({ datatype }) => datatype === "INT32");
  const tensor = sampleOf("x", int32 as (typeof MESSAGES.tensors)[number]);

  test("version, signature and requested outputs have their places", () => {
    const request = requestOf(
      [tensor],
      {
        members: { signature_name: "other", nothing: null },
        requestedOutputs: [
          { name: "b", parameters: {} },
          { name: "a", parameters: {} },
        ],
      },
      "3",
    );
    const bytes = Buffer.concat(encodePredictRequest(request, { forwardRequestedOutputs: true }));
    expect(bytes.toString("base64")).toBe(MESSAGES["requestWithSpec"]);
  });

  test("a version that is no number is a label", () => {
    const bytes = Buffer.concat(encodePredictRequest(requestOf([tensor], {}, "stable"), {}));
    expect(bytes.toString("base64")).toBe(MESSAGES["requestWithLabel"]);
  });

  test.each([
    ["a parameter", requestOf([tensor], { parameters: { user: "u" } }), "'user'"],
    ["a member", requestOf([tensor], { members: { user: "u" } }), "'user'"],
    ["a signature that is no text", requestOf([tensor], { members: { signature_name: 1 } }), "must be a string"],
    ["a tensor's parameter", requestOf([{ ...tensor, parameters: { p: 1 } }]), "input 'x': its parameter 'p'"],
    ["a version beyond 64 bits", requestOf([tensor], {}, "9".repeat(30)), "at most 64 bits"],
  ])("%s that has no place is a bad request", (_, request, text) => {
    expect(() => encodePredictRequest(request, {})).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(text) }),
    );
  });

  test("numbers are not copied on their way into a message", () => {
    const chunks = encodePredictRequest(requestOf([tensor]), {});
    expect(chunks.some(({ buffer }) => buffer === (tensor.data as Int32Array).buffer)).toBe(true);
  });
});

describe("metadata and status", () => {
  test("are asked for as TensorFlow's client asks", () => {
    expect(Buffer.from(encodeMetadataRequest({ name: "m" })).toString("base64")).toBe(MESSAGES["metadataRequest"]);
    expect(Buffer.from(encodeStatusRequest({ name: "m" })).toString("base64")).toBe(MESSAGES["statusRequest"]);
  });

  test("signatures are read; one whose rank is open is left out", () => {
    const signatures = decodeMetadataResponse(message("metadata"), "m");
    expect([...signatures.keys()].sort()).toEqual(["other", "serving_default"]);
    expect(signatures.get("serving_default")).toEqual({
      name: "m",
      versions: ["7"],
      platform: "tensorflow",
      inputs: [{ name: "image", datatype: "FP32", shape: [-1, 192, 192, 3] }],
      outputs: [{ name: "logits", datatype: "FP32", shape: [-1, 10] }],
    });
    expect(signatures.get("other")).toMatchObject({
      inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
      outputs: [{ name: "label", datatype: "INT64", shape: [] }],
    });
  });

  test("a model is ready when one of its versions is available", () => {
    expect(isAvailable(message("statusAvailable"))).toBe(true);
    expect(isAvailable(message("statusLoading"))).toBe(false);
    expect(() => isAvailable(Buffer.from("nonsense"))).toThrow(expect.objectContaining({ code: "bad_gateway" }));
  });
});
