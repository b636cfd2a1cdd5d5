import { Buffer } from "node:buffer";
import { prepareContent } from "../../../src/inference/content.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { resume } from "../../../src/resumable.ts";
import { countLoopTurns } from "../../loop-turns.ts";
import { ShortTurns } from "../../short-turns.ts";

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}
const field = (number: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
const tensor = (datatype: string, count: number, contents: Uint8Array) =>
  Buffer.concat([
    field(1, Buffer.from("x")),
    field(2, Buffer.from(datatype)),
    field(3, Buffer.from(varint(count))),
    field(5, contents),
  ]);
const request = (datatype: string, count: number, contents: Uint8Array) =>
  grpcCodec.decodeRequest(
    { headers: {}, body: [Buffer.concat([field(1, Buffer.from("m")), field(5, tensor(datatype, count, contents))])] },
    { modelName: "m", limits },
  );
const many = (count: number, piece: readonly number[]) => Buffer.alloc(count * piece.length, Buffer.from(piece));

const isSame = (value: unknown, expected: unknown): boolean =>
  value instanceof Uint8Array ? Buffer.compare(value, expected as Buffer) === 0 : value === expected;

/** More than is read at once, and values whose bytes do not end where a piece does. */
const COUNT = 200_000;
const half = [0, 0, 0, 0x3f];
const CASES: readonly (readonly [string, string, Buffer, unknown])[] = [
  ["packed FP32", "FP32", field(6, many(COUNT, half)), 0.5],
  ["FP32 one by one", "FP32", many(COUNT, [0x35, ...half]), 0.5],
  [
    "FP32 in two fields",
    "FP32",
    Buffer.concat([field(6, many(COUNT / 2, half)), field(6, many(COUNT / 2, half))]),
    0.5,
  ],
  ["FP64 one by one", "FP64", many(COUNT, [0x39, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f]), 0.5],
  ["packed INT64", "INT64", field(3, many(COUNT, [0x81, 0x82, 0x03])), 49_409n],
  ["INT64 one by one", "INT64", many(COUNT, [0x18, 0x81, 0x82, 0x03]), 49_409n],
  ["packed INT32", "INT32", field(2, many(COUNT, [0x81, 0x82, 0x03])), 49_409],
  ["packed BOOL", "BOOL", field(1, many(COUNT * 4, [1])), 1],
  ["BYTES", "BYTES", many(COUNT, [0x42, 2, 65, 66]), Buffer.from("AB")],
  [
    "BYTES of other lengths",
    "BYTES",
    many(COUNT / 50, [0x42, 0x80, 0x02, ...Array(256).fill(65)]),
    Buffer.alloc(256, 65),
  ],
];

test.each(CASES)("typed contents are the same in turns: %s", async (what, datatype, contents, expected) => {
  const count = what === "packed BOOL" ? COUNT * 4 : what.includes("lengths") ? COUNT / 50 : COUNT;
  const [atOnce, inTurns] = [request(datatype, count, contents), request(datatype, count, contents)];
  await prepareContent(inTurns, undefined);
  for (const { inputs } of [atOnce, inTurns]) {
    const data = inputs[0]?.data as ArrayLike<unknown>;
    expect(data).toHaveLength(count);
    expect([data[0], data[count - 1]]).toEqual([expected, expected]);
    expect(Array.prototype.findIndex.call(data, (value) => !isSame(value, expected))).toBe(-1);
  }
});

test.each([
  ["a number out of its range", "UINT8", many(700_000, [0xff, 0x02])],
  ["contents of another datatype", "FP32", field(7, many(80_000, [0, 0, 0, 0, 0, 0, 0, 0]))],
])("what is wrong with them is told the same: %s", async (_, datatype, contents) => {
  const packed = datatype === "UINT8" ? field(4, contents) : contents;
  const read = async (prepare: boolean): Promise<unknown> => {
    try {
      const asked = request(datatype, 700_000, packed);
      if (prepare) await prepareContent(asked, undefined);
      return asked.inputs[0]?.data;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(await read(true)).toEqual(await read(false));
  expect(await read(true)).toEqual(expect.stringContaining("tensor 'x'"));
});

test("numbers that are not packed are a million at most", () => {
  const unpacked = (count: number) => request("BOOL", count, many(count, [0x08, 1])).inputs[0]?.data;
  expect(unpacked(1_048_576)).toHaveLength(1_048_576);
  expect(() => unpacked(1_048_577)).toThrow("tensor 'x': more than 1048576 elements that are not packed");
});

test("others have turns meanwhile", async () => {
  const asked = request("INT64", 12_000_000, field(3, many(12_000_000, [1])));
  const { turns } = await countLoopTurns(async () => prepareContent(asked, undefined));
  expect(turns).toBeGreaterThan(2);
});

const LONG = 600_000;
const truths = field(1, many(LONG, [1]));
const response = (count: number, contents: Uint8Array) =>
  grpcCodec.decodeResponse(
    { headers: {}, body: [field(5, tensor("BOOL", count, contents))] },
    { modelName: "m", limits },
  );

test("what nobody reads is counted in turns before it is handed on", async () => {
  const turns = new ShortTurns();
  const asked = request("BOOL", LONG, truths);
  const { body } = await resume(turns, () => grpcCodec.encodeRequest(asked, { binary: true }));
  expect(turns.count).toBeGreaterThan(2);
  expect(Buffer.concat(body).equals(Buffer.concat(asked.source?.message.body ?? []))).toBe(true);
});

test("one element too few is refused, whoever looks first", async () => {
  const text = `tensor 'x': shape [${LONG}] takes ${LONG} bool_contents elements, got ${LONG - 1}`;
  const short = field(1, many(LONG - 1, [1]));
  const encode = (asked: ReturnType<typeof request>) => () => grpcCodec.encodeRequest(asked, {});
  expect(encode(request("BOOL", LONG, short))).toThrow(text);
  await expect(async () => resume(new ShortTurns(), encode(request("BOOL", LONG, short)))).rejects.toThrow(text);
  for (const message of [request("BOOL", LONG, short), response(LONG, short)]) {
    const values = () => ("inputs" in message ? message.inputs : message.outputs);
    expect(values).toThrow(text);
  }
  for (const message of [request("BOOL", LONG, short), response(LONG, short)]) {
    await prepareContent(message, undefined);
    expect(() => ("inputs" in message ? message.inputs : message.outputs)).toThrow(text);
  }
  expect(response(LONG, truths).outputs[0]?.data).toHaveLength(LONG);
});

test.each([
  ["parameters", [0x22, 4, 0x0a, 0, 0x12, 0]],
  ["unknown fields", [0x78, 1]],
])("a tensor of a million %s is refused at a glance", (_, piece) => {
  const bytes = Buffer.concat([field(1, Buffer.from("x")), field(2, Buffer.from("FP32")), many(1_000_000, piece)]);
  const asked = grpcCodec.decodeRequest({ headers: {}, body: [field(5, bytes)] }, { modelName: "m", limits });
  expect(() => asked.inputs).toThrow("tensor 'x': more than 20000 fields");
});

test.each([
  ["unknown fields", many(20_001, [0x78, 1])],
  ["empty packed fields", many(20_001, [0x32, 0])],
  ["fields in a group", Buffer.concat([Buffer.from([0x7b]), many(20_001, [0x78, 1])])],
])("contents of thousands of %s are refused at a glance", (_, contents) => {
  expect(() => request("FP32", 1, contents).inputs).toThrow("tensor 'x': more than 20000 fields");
});

test("byte strings are as many as the shape takes, however long, and written as short as can be", () => {
  const strings = Array.from({ length: 20_001 }, () => field(8, Buffer.alloc(128)));
  expect(request("BYTES", 20_001, Buffer.concat(strings)).inputs[0]?.data).toHaveLength(20_001);
  const overlong = many(20_001, [0x42, 0x80, 0]);
  expect(() => request("BYTES", 20_001, overlong).inputs).toThrow("tensor 'x': more than 20000 fields");
});
