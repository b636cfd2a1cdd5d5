import { Buffer } from "node:buffer";
import { inspect, isDeepStrictEqual } from "node:util";
import { prepareContent } from "../../src/inference/content.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { resume } from "../../src/resumable.ts";
import type { TensorSpec } from "../../src/tensor/tensor.ts";
import { LARGE } from "../../src/turns.ts";
import { countLoopTurns } from "../loop-turns.ts";
import { ShortTurns } from "../short-turns.ts";

const limits = { ...DEFAULT_LIMITS, maxInstances: 1_000_000 };
const message = (body: string) => ({ headers: { "content-type": "application/json" }, body: [Buffer.from(body)] });
/** More than is read at once, in a list of these. */
const many = (...items: readonly string[]) => {
  const some = items.join(",");
  return Array(Math.ceil((LARGE * 1.05) / (some.length + 1)))
    .fill(some)
    .join(",");
};
const countOf = (items: string) => items.split(",").length;

/** The matcher would show megabytes. */
function expectSame(got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected)) throw new Error(`expected ${start(expected)}, got ${start(got)}`);
}
const start = (value: unknown): string => inspect(value, { maxArrayLength: 5, maxStringLength: 300, depth: 5 });

type Views = InferRequest | InferResponse;
const view = (of: () => unknown): unknown => {
  try {
    return of();
  } catch (error) {
    // Where the arrays are counted is no promise.
    return (error as Error).message.replace(/got \d+ or more at byte \d+/, "got more");
  }
};
const rowsOf = (body: Views) => view(() => ("instances" in body ? body.instances : body.predictions));
const columnsOf = (body: Views) =>
  view(() =>
    ("inputs" in body ? body.inputs : body.outputs).map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      // Arrays of numbers are compared by their bytes.
      data,
    })),
  );

const numbers = many("0.1", "-2", "1e-3");
const longs = many("9007199254740993", "1");
const spec = (datatype: TensorSpec["datatype"], ...shape: number[]): TensorSpec[] => [{ name: "x", datatype, shape }];
const v2 = (datatype: string, data: string, shape = [countOf(data)], rest = "") =>
  `{"id":"7","inputs":[{"name":"x","datatype":"${datatype}","shape":[${shape}],"data":[${data}]${rest}}]}`;

type RequestCase = readonly [string, "v1" | "v2", string, TensorSpec[]?];
const REQUESTS: readonly RequestCase[] = [
  ["numbers", "v1", `{"instances":[${numbers}]}`],
  ["numbers of a declared datatype", "v1", `{"instances":[${numbers}]}`, spec("FP32", -1)],
  ["numbers that are no integers", "v1", `{"instances":[${numbers}]}`, spec("INT64", -1)],
  ["integers of a declared datatype", "v1", `{"instances":[${many("1", "200.0", "3e2")}]}`, spec("INT16", -1, 1)],
  ["numbers of another shape", "v1", `{"instances":[${many("[1,2]")}]}`, spec("FP32", -1, 3)],
  ["rows of numbers", "v1", `{"instances":[ ${many("[0.5,[1]]".replace("[1]", "1"))} ] }`],
  ["ragged rows", "v1", `{"instances":[${many("[1,2]", "[3]")}]}`],
  ["large integers", "v1", `{"instances":[${longs}]}`],
  ["large integers of a declared datatype", "v1", `{"instances":[${longs}]}`, spec("INT64", -1)],
  ["records", "v1", `{"instances":[${many('{"a":1,"b":"x"}')}],"more":[${many("[1]")}]}`],
  ["texts", "v1", `{"instances":[${many('"a"', '"\\u00e9"')}]}`],
  ["one long row", "v1", `{"signature_name":"s","instances":[[${numbers}]]}`],
  ["a number that is broken", "v1", `{"instances":[${numbers},01]}`],
  ["more behind it", "v1", `{"instances":[${numbers}],[1]}`],
  ["columns", "v1", `{"inputs":{"a":[${numbers}],"b":[${many('"x"')}],"c":[[${longs}]]}}`],
  ["a lone column", "v1", `{"inputs":[[${numbers}]]}`],
  ["rows under inputs", "v1", `{"inputs":[${many('{"a":1}')}]}`],
  ["too many rows", "v1", `{"instances":[${Array(1_000_001).fill("1").join(",")}]}`],
  ["more arrays than are built", "v1", `{"instances":[${Array(300_000).fill("[[[[[[[1]]]]]]]").join(",")}]}`],
  ["too many objects as rows", "v1", `{"instances":[${Array(1_000_001).fill("{}").join(",")}]}`],
  ...(["FP64", "FP32", "FP16", "BF16", "INT64", "UINT8", "BOOL"] as const).map(
    (datatype): RequestCase => [datatype, "v2", v2(datatype, many("1", "0"))],
  ),
  ["INT64 beyond 2^53", "v2", v2("INT64", longs)],
  ["FP32 in rows", "v2", v2("FP32", many("[ 1.5 , 2 ]"), [countOf(many("[ 1.5 , 2 ]")) / 2, 2])],
  ["FP32, broken", "v2", v2("FP32", `${numbers},x`)],
  ["FP32, one too many", "v2", v2("FP32", numbers, [countOf(numbers) - 1])],
  ["BYTES", "v2", v2("BYTES", many('"a"', '"\\u00e9"'), undefined, ',"parameters":{"a":1}')],
  ["BYTES in rows", "v2", v2("BYTES", many('["a","b"]'))],
  ["BYTES, ragged", "v2", v2("BYTES", many('["a","b"]', '["c"]'))],
  ["a tensor without data", "v2", v2("FP32", numbers).replace('"data"', '"date"')],
];

test.each(REQUESTS.map(([what, wire, body, inputs]) => ({ what, wire, body, inputs })))(
  "a large request of $what over $wire says the same, read in turns or at once",
  async ({ wire, body, inputs }) => {
    const decode = () => selectCodec(wire).decodeRequest(message(body), { modelName: "m", limits, inputs });
    const both = (request: Views) => [columnsOf(request), rowsOf(request)];
    for (const look of wire === "v1" ? [rowsOf, columnsOf, both] : [rowsOf, both]) {
      const [atOnce, prepared] = [decode(), decode()];
      await prepareContent(prepared, undefined);
      const [expected, got] = [look(atOnce), look(prepared)];
      expectSame(got, expected);
    }
  },
  60_000,
);

const RESPONSES: readonly (readonly [string, "v1" | "v2", string])[] = [
  ["numbers", "v1", `{"predictions":[${numbers}]}`],
  ["records", "v1", `{"predictions":[${many('{"a":1}')}]}`],
  ["broken numbers", "v1", `{"predictions":[${numbers},}`],
  ["numbers with null", "v2", v2("FP32", many("1", "null")).replace("inputs", "outputs")],
  ["broken text", "v2", v2("BYTES", `${many('"a"')},"\\x"`).replace("inputs", "outputs")],
  ["no outputs", "v2", v2("FP32", numbers)],
];

test.each(RESPONSES)(
  "a predictor's large response of %s over %s says the same, read in turns or at once",
  async (_, wire, body) => {
    const decode = () => selectCodec(wire).decodeResponse(message(body), { modelName: "m", limits });
    for (const look of [rowsOf, columnsOf]) {
      const [atOnce, prepared] = [decode(), decode()];
      await prepareContent(prepared, undefined);
      const [expected, got] = [look(atOnce), look(prepared)];
      expectSame(got, expected);
    }
  },
  60_000,
);

test("a body that is being read in turns ends with its client, and its values are there when they are asked for", async () => {
  const request = selectCodec("v1").decodeRequest(message(`{"instances":[${many("[1,2]")},${many("[1,2]")}]}`), {
    modelName: "m",
    limits,
  });
  const abort = new AbortController();
  abort.abort(new Error("the client left"));
  await expect(prepareContent(request, abort.signal)).rejects.toThrow("the client left");
  await prepareContent(request, new AbortController().signal);
  expect(request.inputs[0]?.shape[1]).toBe(2);
});

/** Work of some tenths of a second, of which a turn takes 5 ms: on the fastest machine others have some turns. */
const LARGE_BODIES: readonly (readonly [string, "v1" | "v2", string])[] = [
  ["the index of what is passed over", "v1", `{"instances":[1],"more":"${'\\"'.repeat(8_000_000)}"}`],
  ["arrays that are built", "v1", `{"instances":[${"[1,[2]],".repeat(400_000)}0]}`],
  ["numbers", "v2", v2("INT64", `${"9007199254740993,".repeat(1_000_000)}1`, [1_000_001])],
  ["texts", "v2", v2("BYTES", `${'"abcdefgh",'.repeat(900_000)}"x"`, [900_001])],
  ["one text of escapes", "v2", v2("BYTES", `"${"\\u00e9".repeat(5_000_000)}"`, [1])],
];

test.each(LARGE_BODIES)("while a large body is read, others have turns: %s", async (_, wire, body) => {
  const request = selectCodec(wire).decodeRequest(message(body), { modelName: "m", limits });
  const { turns } = await countLoopTurns(async () => prepareContent(request, undefined));
  expect(turns).toBeGreaterThan(2);
});

test.each([
  ["many rows", `${"[0.5],".repeat(150_000)}[1]`],
  ["one long row", `[${"0.5,".repeat(300_000)}1]`],
])("%s of numbers are there before a hook asks for them", async (_, rows) => {
  const request = selectCodec("v1").decodeRequest(message(`{"instances":[${rows}]}`), { modelName: "m", limits });
  await prepareContent(request, undefined);
  expect(resume(new ShortTurns(), () => request.instances)).not.toBeInstanceOf(Promise);
});
