import { Buffer } from "node:buffer";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { decodePredictResponse, decodePredictResponseInTurns } from "../../../src/protocol/tensorflow/decode.ts";
import { countLoopTurns } from "../../loop-turns.ts";

const limits = { ...DEFAULT_LIMITS, maxElements: 64_000_000 };

function field(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(Buffer.concat(parts)).finish());
}

/** A `PredictResponse` with one output of one dimension. */
function response(dtype: number, count: number, values: Uint8Array): Buffer {
  const head = Buffer.from(new BinaryWriter().tag(1, WireType.Varint).int32(dtype).finish());
  const size = Buffer.from(new BinaryWriter().tag(1, WireType.Varint).int64(count).finish());
  return field(1, field(1, Buffer.from("y")), field(2, head, field(2, field(2, size)), values));
}

const many = (count: number, piece: readonly number[]) => Buffer.alloc(count * piece.length, Buffer.from(piece));
const FLOAT = [0, 0, 0, 0x3f];

/** What takes long: dtype, elements, and how they are written. */
const CASES: readonly [string, number, number, Buffer][] = [
  ["packed floats", 1, 8_000_000, field(5, many(8_000_000, FLOAT))],
  ["floats one by one", 1, 600_000, many(600_000, [0x2d, ...FLOAT])],
  ["packed INT64", 9, 4_000_000, field(10, many(4_000_000, [0x81, 0x01]))],
  ["packed BOOL", 10, 8_000_000, field(11, many(8_000_000, [1]))],
  ["packed FP16", 19, 2_000_000, field(13, many(2_000_000, [0x80, 0xf8, 0]))],
  ["strings", 7, 120_000, many(120_000, [0x42, 3, 65, 66, 67])],
  ["strings in one block", 7, 900_000, field(4, many(900_000, [3]), many(900_000, [65, 66, 67]))],
];

test.each(CASES)("a large response is the same in turns: %s", async (_name, dtype, count, values) => {
  const bytes = response(dtype, count, values);
  const expected = decodePredictResponse(bytes, "m", limits).output().data;
  const { value, turns } = await countLoopTurns(() => decodePredictResponseInTurns(bytes, "m", limits, undefined));
  const { data } = value.output();
  expect(data).toHaveLength(count);
  const other = Array.from({ length: count }, (_, i) => i).find((i) => {
    const [a, b] = [data[i], expected[i]];
    return !(a instanceof Uint8Array ? Buffer.compare(a, b as Uint8Array) === 0 : a === b);
  });
  expect(other).toBeUndefined();
  expect(turns).toBeGreaterThan(1);
});

test("what is wrong with a large one is a bad gateway", async () => {
  const bad = response(22, 200_000, field(16, many(200_000, [0xff, 0xff, 0xff, 0xff, 0xff, 1])));
  await expect(decodePredictResponseInTurns(bad, "m", limits, undefined)).rejects.toMatchObject({
    code: "bad_gateway",
    message: expect.stringContaining("tensor 'y': element 0 must be from 0 to"),
  });
});

test("a client that leaves ends the reading", async () => {
  const controller = new AbortController();
  const bytes = response(7, 120_000, many(120_000, [0x42, 3, 65, 66, 67]));
  const reading = decodePredictResponseInTurns(bytes, "m", limits, controller.signal);
  const gone = new Error("gone");
  controller.abort(gone);
  await expect(reading).rejects.toBe(gone);
});
