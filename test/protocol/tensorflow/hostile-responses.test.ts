import { Buffer } from "node:buffer";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { decodePredictResponse } from "../../../src/protocol/tensorflow/decode.ts";

const [FLOAT, STRING, UINT32] = [1, 7, 22];

/** A length-delimited field. */
function field(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(Buffer.concat(parts)).finish());
}

function varint(number: number, value: bigint | number): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, WireType.Varint).int64(value).finish());
}

function shape(...sizes: readonly (bigint | number)[]): Buffer {
  return field(2, ...sizes.map((size) => field(2, varint(1, size))));
}

function many(count: number, piece: readonly number[]): Buffer {
  return Buffer.alloc(count * piece.length, Buffer.from(piece));
}

/** A `PredictResponse` with one output. */
function response(...tensor: readonly Uint8Array[]): Buffer {
  return field(1, field(1, Buffer.from("y")), field(2, ...tensor));
}

function read(bytes: Uint8Array) {
  return decodePredictResponse(bytes, "m", DEFAULT_LIMITS).outputs.map(({ data }) => data);
}

const MESSAGE = "predictor's response: expected a protobuf message PredictResponse, got bytes that are none";
const dtype = (value: number) => varint(1, value);

const CASES: readonly [string, Buffer, string][] = [
  ["a negative dimension", response(dtype(FLOAT), shape(2, -1)), "tensor 'y': shape must be an array of whole numbers"],
  ["a dimension of 2^62", response(dtype(FLOAT), shape(1n << 62n)), "tensor 'y': shape must be an array of whole"],
  ["a product beyond 2^53", response(dtype(FLOAT), shape(1e9, 1e9)), "tensor 'y': shape [1000000000,1000000000] has"],
  ["more than 64 dimensions", response(dtype(FLOAT), shape(...Array(65).fill(1))), "at most 64 dimensions"],
  ["an unknown rank", response(dtype(FLOAT), field(2, varint(3, 1))), "tensor 'y': expected a shape, got unknown_rank"],
  ["a shape of nothing but unknown fields", response(field(2, many(1001, [0x28, 1]))), "more than 1000 fields"],
  ["no dtype", response(shape(1)), "tensor 'y': TensorFlow's dtype 0 has no V2 datatype"],
  ["a dtype as text", response(field(1, Buffer.from("1")), shape(1)), "tensor 'y': TensorFlow's dtype 0"],
  ["an unknown dtype", response(dtype(99), shape(1)), "tensor 'y': TensorFlow's dtype 99 has no V2 datatype"],
  ["a negative dtype", response(dtype(-1), shape(1)), "tensor 'y': TensorFlow's dtype -1 has no V2 datatype"],
  ["content too short", response(dtype(FLOAT), shape(2), field(4, Buffer.alloc(7))), "takes 8 bytes, got 7"],
  ["content too long", response(dtype(FLOAT), shape(2), field(4, Buffer.alloc(9))), "takes 8 bytes, got 9"],
  ["more values than the shape takes", response(dtype(FLOAT), shape(1), field(5, Buffer.alloc(8))), "takes 1 elements"],
  ["packed values that end within one", response(dtype(FLOAT), shape(2), field(5, Buffer.alloc(7))), MESSAGE],
  ["a string that is half there", response(dtype(STRING), shape(1), Buffer.from([0x42, 5, 1])), MESSAGE],
  [
    "strings in one block, half there",
    response(dtype(STRING), shape(2), field(4, Buffer.from([1, 5, 65]))),
    "tensor 'y': 2 strings of 6 bytes, got 1",
  ],
  [
    "a string's length beyond 32 bits",
    response(dtype(STRING), shape(1), field(4, Buffer.from([0x81, 0x80, 0x80, 0x80, 0x10, 65]))),
    "tensor 'y': 1 strings of",
  ],
  ["an element beyond its datatype", response(dtype(UINT32), shape(1), varint(16, -1)), "must be from 0 to 4294967295"],
  ["an output twice", Buffer.concat([response(dtype(FLOAT)), response(dtype(FLOAT))]), "two tensors are named 'y'"],
  ["an output without a tensor", field(1, field(1, Buffer.from("y"))), "tensor 'y': TensorFlow's dtype 0"],
  ["a name that is not UTF-8", field(1, field(1, Buffer.from([0xff])), field(2)), MESSAGE],
  ["groups in groups", many(200, [0x0b]), MESSAGE],
  ["a group of a million fields", response(Buffer.from([0x7b]), many(1_100_000, [0x28, 1])), "more than"],
  ["the end of a group that did not begin", Buffer.from([0x0c]), MESSAGE],
  ["a wire type that there is not", Buffer.from([0x0e]), MESSAGE],
  ["field 0", Buffer.from([0x02, 0]), MESSAGE],
  ["a length beyond the end", Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]), MESSAGE],
  ["a varint without an end", Buffer.from([0x12, 0xff]), MESSAGE],
  ["a message of nothing but unknown fields", many(20_001, [0x28, 1]), "more than 20000 fields"],
  [
    "a tensor of nothing but unknown fields",
    response(dtype(FLOAT), shape(1), many(1_100_000, [0x78, 1])),
    "tensor 'y': more than 1068576 fields",
  ],
  [
    "values one by one by the million",
    response(dtype(FLOAT), shape(1_048_577), many(1_048_577, [0x2d, 0, 0, 0, 0])),
    "tensor 'y': more than 1048576 elements that are not packed",
  ],
  [
    "empty strings by the million",
    response(dtype(STRING), shape(1_048_577), many(1_048_577, [0x42, 0])),
    "tensor 'y': 1048577 BYTES elements in one message",
  ],
  [
    "empty strings in one block",
    response(dtype(STRING), shape(1_048_577), field(4, Buffer.alloc(1_048_577))),
    "tensor 'y': 1048577 BYTES elements in one message",
  ],
  [
    "a few bytes that stand for 512 MiB",
    response(varint(1, 2), shape(64 * 1024 * 1024)),
    "tensor 'y': shape [67108864] takes 67108864 elements, got 0: the rest is larger than a response may be",
  ],
];

test.each(CASES)("%s is a bad gateway that says so", (_name, bytes, message) => {
  expect(() => read(bytes)).toThrow(
    expect.objectContaining({ code: "bad_gateway", message: expect.stringContaining(message) }),
  );
});

test("what does not stand in the message has one bound for all outputs", () => {
  const outputs = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      field(1, field(1, Buffer.from(`y${i}`)), field(2, varint(1, 2), shape(16 * 1024 * 1024))),
    );
  expect(read(Buffer.concat(outputs(2)))).toHaveLength(2);
  expect(() => read(Buffer.concat(outputs(3)))).toThrow("tensor 'y2': shape [16777216]");
});

test("fields behind the fifteenth are read one by one, and a value of another wire type is none", () => {
  expect(read(response(dtype(UINT32), shape(3), varint(16, 1), varint(16, 300)))).toEqual([
    Uint32Array.of(1, 300, 300),
  ]);
  expect(read(response(dtype(UINT32), shape(2), field(16, Buffer.from([1, 7]))))).toEqual([Uint32Array.of(1, 7)]);
  expect(read(response(dtype(FLOAT), shape(1), varint(5, 0x7fffffff)))).toEqual([Float32Array.of(0)]);
  expect(read(response(dtype(STRING), shape(1), field(8, Buffer.alloc(200, 65))))).toEqual([[Buffer.alloc(200, 65)]]);
});
