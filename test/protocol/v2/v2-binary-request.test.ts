import { Buffer } from "node:buffer";
import type { WireMessage } from "../../../src/inference/content.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { x } from "./v2-messages.ts";

describe("a binary request", () => {
  const head = (inputs: unknown[]) => JSON.stringify({ inputs });
  const binary = (text: string, ...parts: (Uint8Array | number[])[]): WireMessage => ({
    headers: { "inference-header-content-length": String(Buffer.byteLength(text)) },
    body: [Buffer.concat([Buffer.from(text), ...parts.map((part) => Uint8Array.from(part))])],
  });
  const bits = (...floats: number[]) => new Uint8Array(Float32Array.from(floats).buffer);
  const sized = (size: number, more: object = {}) => ({
    name: "x",
    shape: [2],
    datatype: "FP32",
    parameters: { binary_data_size: size },
    ...more,
  });
  const read = (message: WireMessage) => v2Codec.decodeRequest(message, { modelName: "m", limits }).inputs;

  test("has its blobs in order, between JSON tensors, without the sizes as parameters", () => {
    const message = binary(
      head([
        sized(8),
        { ...x, name: "j" },
        sized(0, { name: "e", shape: [0] }),
        sized(5, { name: "s", shape: [1], datatype: "BYTES" }),
      ]),
      bits(1.5, Number.NaN),
      [1, 0, 0, 0, 97],
    );
    const inputs = read(message);
    expect(inputs.map(({ data }) => data)).toEqual([
      Float32Array.of(1.5, Number.NaN),
      Float32Array.of(1, 2),
      new Float32Array(0),
      [Uint8Array.of(97)],
    ]);
    expect(inputs.map(({ parameters }) => parameters)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("is viewed where it lies well, and copied once where it does not", () => {
    const body = new Uint8Array(200);
    const message = binary(head([sized(8)]), bits(1, 2));
    const length = Buffer.concat(message.body).length;
    for (const offset of [0, 1, 2, 3]) {
      body.set(Buffer.concat(message.body), offset);
      const [input] = read({ headers: message.headers, body: [body.subarray(offset, offset + length)] });
      const { data } = input as Tensor<"FP32">;
      expect(data).toEqual(Float32Array.of(1, 2));
      expect(data.buffer === body.buffer).toBe((offset + length - 8) % 4 === 0);
    }
  });

  test.each([
    [binary(head([sized(8)]), bits(1)), "tensor 'x': expected 8 bytes of binary data, got 4"],
    [binary(head([sized(8)]), bits(1, 2, 3)), "expected 8 bytes of binary data for all tensors, got 12"],
    [binary(head([sized(12)]), bits(1, 2, 3)), "tensor 'x': FP32 of shape [2] takes 8 bytes, got binary_data_size 12"],
    [
      binary(head([sized(4, { datatype: "BYTES" })]), bits(1)),
      "tensor 'x': BYTES of shape [2] takes at least 8 bytes, got binary_data_size 4",
    ],
    [
      binary(head([sized(4, { datatype: "BYTES", shape: [0] })]), bits(1)),
      "tensor 'x': BYTES of shape [0] takes 0 bytes, got binary_data_size 4",
    ],
    [
      binary(head([sized(8, { datatype: "BYTES" })]), [9, 0, 0, 0, 1, 2, 3, 4]),
      "tensor 'x': expected 9 bytes for BYTES element 0, got 4 left",
    ],
    [
      binary(head([sized(9, { datatype: "BYTES" })]), [5, 0, 0, 0, 1, 2, 3, 4, 5]),
      "tensor 'x': expected 2 BYTES elements, got 1 in 9 bytes",
    ],
    [
      binary(head([sized(8, { data: [1, 2] })]), bits(1, 2)),
      "tensor 'x': expected either data or binary_data_size, got both",
    ],
    [binary(head([sized(1.5)])), "tensor 'x': binary_data_size must be a whole number of bytes, got 1.5"],
    [binary(head([sized(1e308)])), "tensor 'x': binary_data_size must be a whole number of bytes, got 1e+308"],
    [
      binary(head([sized(16e12, { shape: [4e12] })])),
      "tensor 'x': expected 16000000000000 bytes of binary data, got 0",
    ],
    [
      binary(head([sized(8, { shape: [4294967296, 4294967296, 2] })]), bits(1, 2)),
      "has more elements than can be counted",
    ],
    [binary('{"inputs":[]', [0x7d]), "expected ',' or '}', got the end"],
    [binary("\u00e9"), "expected a value, got byte 0xc3 at byte 0"],
    [
      { headers: { "content-type": "application/octet-stream" }, body: [Buffer.from(head([x]))] },
      "expected the header Inference-Header-Content-Length with a binary body, got none",
    ],
  ])("%# is refused by name", (message, text) => {
    const failed = expect(() => read(message).map(({ data }) => data));
    failed.toThrow(expect.objectContaining({ status: 400 }));
    failed.toThrow(text);
  });

  test.each(["-5", "abc", "", "99999", "1e2", "12.0", "0x10"])("with the header length %p is refused", (length) => {
    const headers = { "inference-header-content-length": length };
    expect(() => read({ headers, body: [Buffer.from(head([x]))] })).toThrow(
      `Inference-Header-Content-Length: expected a whole number from 0 to the ${head([x]).length} bytes of the body, got "${length}"`,
    );
  });

  test("counts its elements against the limit", () => {
    const bounded = { modelName: "m", limits: { ...limits, maxElements: 1 } };
    const request = v2Codec.decodeRequest(binary(head([sized(8)]), bits(1, 2)), bounded);
    expect(() => request.inputs).toThrow("tensor 'x': shape [2] has 2 elements, more than the limit of 1");
  });

  test("may have JSON alone", () => {
    expect(read(binary(head([x])))[0]?.data).toEqual(Float32Array.of(1, 2));
  });
});
