import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { ByteElementsBudget } from "../../src/tensor/elements/byte-elements-budget.ts";

const MANY = 1024 * 1024;
const REFUSED =
  /BYTES elements in one message, more than the limit of 1048576 \(max_elements, where each counts as 64\)/;

const texts = (count: number): string => `${'"",'.repeat(count - 1)}""`;
const json = { "content-type": "application/json" };
const options = { modelName: "m", limits: DEFAULT_LIMITS };
const v1 = (body: string) => v1Request(body).inputs.map(({ data }) => data.length);
const v1Request = (body: string) =>
  selectCodec("v1").decodeRequest({ headers: json, body: [Buffer.from(body)] }, options);
const v2 = (...inputs: readonly object[]) => {
  const body = [Buffer.from(JSON.stringify({ inputs }))];
  return selectCodec("v2")
    .decodeRequest({ headers: json, body }, options)
    .inputs.map(({ shape }) => shape);
};
const bytes = (name: string, count: number) => ({ name, datatype: "BYTES", shape: [count], data: [] });

/** Tensors of BYTES and this shape, without their elements: a message says how many there are before they come. */
function grpc(...counts: readonly number[]): unknown {
  const body = counts.map((count, index) => {
    const varint = [0, 1, 2].map((place) => ((count >> (7 * place)) & 127) | (place < 2 ? 128 : 0));
    const tensor = Buffer.from([0x0a, 1, 0x61 + index, 0x12, 5, ...Buffer.from("BYTES"), 0x1a, 3, ...varint]);
    return Buffer.concat([Buffer.from([0x2a, tensor.length]), tensor]);
  });
  return grpcCodec.decodeRequest({ headers: {}, body: [Buffer.concat(body)] }, options).inputs;
}

describe("BYTES elements of one message are bounded before they are made", () => {
  test("V1: rows of texts, objects, columns", () => {
    expect(v1(`{"instances":[[${texts(MANY)}]]}`)).toEqual([MANY]);
    expect(() => v1(`{"instances":[[${texts(MANY + 1)}]]}`)).toThrow(REFUSED);
    const half = `[${texts(MANY / 2 + 1)}]`;
    expect(() => v1(`{"instances":[{"a":${half},"b":${half}}]}`)).toThrow(REFUSED);
    expect(() => v1(`{"inputs":{"a":${half},"b":${half}}}`)).toThrow(REFUSED);
  });

  test("V1: rows that nobody makes columns of are rows", () => {
    expect(v1Request(`{"instances":[[${texts(MANY + 1)}]]}`).instances).toHaveLength(1);
  });

  test("V2: by the shape, over all tensors", () => {
    expect(v2(bytes("a", MANY))).toEqual([[MANY]]);
    expect(() => v2(bytes("a", MANY + 1))).toThrow(REFUSED);
    expect(() => v2(bytes("a", MANY), { ...bytes("b", 1) })).toThrow("tensor 'b': 1048577");
  });

  test("gRPC: by the shape, over all tensors, before the elements are counted", () => {
    expect(() => grpc(MANY + 1)).toThrow(REFUSED);
    expect(() => grpc(MANY)).toThrow("takes 1048576 bytes_contents elements, got 0");
  });

  test("a higher max_elements lets more in, a lower one takes nothing away", () => {
    new ByteElementsBudget(128 * MANY).take("x", 2 * MANY);
    expect(() => new ByteElementsBudget(128 * MANY).take("x", 2 * MANY + 1)).toThrow("limit of 2097152");
    new ByteElementsBudget(10).take("x", MANY);
  });
});
