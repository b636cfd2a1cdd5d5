import { Buffer } from "node:buffer";
import fc from "fast-check";
import { encodeEvent } from "../../src/envelope/cloudevents/encode.ts";
import { prepareContent } from "../../src/inference/content.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { formatJson } from "../../src/json/format-json.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { resume } from "../../src/resumable.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { flattenNested, toNested } from "../../src/tensor/nested/nested-array.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { formatElements } from "../../src/tensor/write-numbers.ts";
import { PIECE } from "../../src/turns.ts";
import { ShortTurns } from "../short-turns.ts";

async function inTurns<Value>(code: () => Value): Promise<{ readonly value: Value; readonly turns: number }> {
  const turns = new ShortTurns();
  const value = await resume(turns, code);
  return { value, turns: turns.count };
}

const MEGABYTE = 1024 * 1024;
const LONG: readonly [string, Uint8Array][] = [
  ["plain text", Buffer.alloc(MEGABYTE, "plain ")],
  ["characters of two and more bytes", Buffer.from("é漢😀a".repeat(MEGABYTE / 8))],
  ["escapes", Buffer.from('\n\u0000"\\\u001fé'.repeat(MEGABYTE / 8))],
];
const binary = Uint8Array.from({ length: MEGABYTE + 1 }, (_, i) => i * 37);
const bytesTensor = (data: readonly Uint8Array[], ...shape: number[]): Tensor =>
  createTensor("x", "BYTES", shape.length > 0 ? shape : [data.length], data);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const options = (datatype: string) => ({ request: requestOf(datatype), modelName: "m", limits });

function requestOf(protocol: string): InferRequest {
  const values = createTensor("input-0", "BYTES", [1], [Buffer.from("a")]);
  return InferRequest.create({ modelName: "m", inputs: [values], id: protocol });
}

describe("one long BYTES element", () => {
  test.each(LONG)("of %s is written a part at a time, as JSON.stringify writes it", async (_what, bytes) => {
    const tensor = bytesTensor([Buffer.from("short"), bytes, Buffer.from("é")]);
    const expected = JSON.stringify(["short", textOf(bytes), "é"]);
    for (const form of ["text", "textOrB64"] as const) {
      const { value, turns } = await inTurns(() => formatElements(tensor, "flat", { bytes: form }));
      expect(textOf(value) === expected).toBe(true);
      expect(turns).toBeGreaterThan(4);
    }
    const scalar = formatElements(createTensor("x", "BYTES", [], [bytes]), "nested");
    expect(textOf(scalar) === JSON.stringify(textOf(bytes))).toBe(true);
  });

  test("that is no UTF-8 is base64 where it may be, and refused by its number where not", async () => {
    const tensor = bytesTensor([Buffer.from("a"), binary], 2, 1);
    const { value, turns } = await inTurns(() => formatElements(tensor, "nested", { bytes: "textOrB64" }));
    expect(textOf(value)).toBe(`[["a"],[{"b64":"${Buffer.from(binary).toString("base64")}"}]]`);
    expect(turns).toBeGreaterThan(4);
    expect(() => formatElements(tensor, "flat")).toThrow(
      "tensor 'x': element 1 is not UTF-8, which JSON strings must be; use binary data or gRPC",
    );
    expect(toNested(tensor)).toEqual([["a"], [{ b64: Buffer.from(binary).toString("base64") }]]);
  });

  test.each(["v1", "v2"] as const)("is a piece of a response over %s, also beside other outputs", async (protocol) => {
    const codec = selectCodec(protocol);
    const [, bytes] = LONG[2] as (typeof LONG)[number];
    const outputs = [
      bytesTensor([bytes, Buffer.from("b")], 2, 1),
      createTensor("y", "INT32", [2], Int32Array.of(1, 2)),
    ];
    const response = requestOf(protocol).reply({ outputs });
    const { value, turns } = await inTurns(() => codec.encodeResponse(response, options(protocol)));
    const body = JSON.parse(Buffer.concat([...value.body]).toString("utf8"));
    if (protocol === "v2") expect(body.outputs[0].data).toEqual([textOf(bytes), "b"]);
    else expect(body.predictions.map(({ x }: { x: string }) => x)).toEqual([[textOf(bytes)], ["b"]]);
    expect(turns).toBeGreaterThan(4);
  });

  test("is what a long row becomes over V2, a part at a time", async () => {
    const row = { text: textOf((LONG[1] as (typeof LONG)[number])[1]), numbers: [1, -0, 2n ** 60n] };
    const response = requestOf("v2").reply({ predictions: [1, row] as unknown as JsonValue[] });
    const { value, turns } = await inTurns(() => selectCodec("v2").encodeResponse(response, options("v2")));
    const [output] = JSON.parse(Buffer.concat([...value.body]).toString("utf8")).outputs;
    expect(output.data).toEqual(["1", formatJson(row as unknown as JsonValue)]);
    expect(turns).toBeGreaterThan(8);
  });
});

describe("a long text becomes bytes a part at a time", () => {
  test.each<[string, string]>([
    ["text", "plain ".repeat(30_000)],
    ["characters", "é漢😀a".repeat(30_000)],
    ["half a pair before a whole one, where a piece ends", `${"a".repeat(PIECE - 1)}\ud83d😀`],
    ["halves of pairs", `${"\ud83d".repeat(70_000)}\ude00${"x\ude00".repeat(70_000)}`],
  ])("%s, as the encoder makes them", async (_what, text) => {
    const { value, turns } = await inTurns(() => flattenNested("x", [["a"], [text]], undefined, "instances"));
    expect([value.datatype, value.shape]).toEqual(["BYTES", [2, 1]]);
    expect(Buffer.compare(value.data[1] as Uint8Array, Buffer.from(text))).toBe(0);
    expect(turns).toBeGreaterThan(2);
  });

  test("base64, alone and behind data:, and what is none is refused in the order of the rows", async () => {
    const b64 = Buffer.from(binary).toString("base64");
    const rows = [{ b64 }, { b64: `data:image/png;base64,${b64}` }];
    const { value, turns } = await inTurns(() => flattenNested("x", rows, undefined, "instances"));
    for (const bytes of value.data) expect(Buffer.compare(bytes as Uint8Array, binary)).toBe(0);
    expect(turns).toBeGreaterThan(4);
    const refusal = (values: readonly JsonValue[]) => () => flattenNested("x", values, undefined, "instances");
    const torn = { b64: `${b64.slice(0, 70_000)}=${b64.slice(70_001)}` };
    expect(refusal([torn, 1])).toThrow(/^instances\[0\]: expected a string or \{"b64": base64\}, got "." after "="/);
    expect(refusal([{ b64 }, 1, torn])).toThrow('instances[1]: expected a string or {"b64": base64}, got 1');
    expect(refusal([{ b64: `data:image/png,${b64}` }])).toThrow("got a data: URL without ;base64");
    expect(refusal([{ b64: b64.replace(/=+$/, "") }])).toThrow(/instances\[0\]/);
  });

  test("also where it stands for a whole column, and so does the next column", async () => {
    const text = "plain ".repeat(MEGABYTE / 6);
    const read = async (columns: readonly string[]) => {
      const inputs = Object.fromEntries(columns.map((name) => [name, text]));
      const message = {
        headers: { "content-type": "application/json" },
        body: [Buffer.from(JSON.stringify({ inputs }))],
      };
      const request = selectCodec("v1").decodeRequest(message, { modelName: "m", limits });
      const { value, turns } = await inTurns(() => request.inputs);
      for (const { data } of value) expect(Buffer.compare(data[0] as Uint8Array, Buffer.from(text))).toBe(0);
      return turns;
    };
    const one = await read(["a"]);
    expect(await read(["a", "b"])).toBeGreaterThan(1.9 * one);
  });

  test("of any length, to the same bytes as a short one's", () => {
    const lengths = fc.integer({ min: 65_530, max: 65_545 });
    fc.assert(
      fc.property(
        lengths,
        fc.constantFrom("a", "é", "漢", "😀", "\ud83d"),
        fc.string({ unit: "binary" }),
        (size, unit, end) => {
          const text = `${unit.repeat(Math.ceil(size / unit.length))}${end}`;
          const { data } = flattenNested("x", [text], undefined, "instances");
          return Buffer.compare(data[0] as Uint8Array, Buffer.from(text)) === 0;
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("large bodies", () => {
  const json = { "content-type": "application/json" };
  const numbers = `[${"1,".repeat(400_000)}1]`;

  test.each([
    ["v1", `{"predictions":[${numbers}]}`],
    ["v2", `{"outputs":[{"name":"x","datatype":"FP32","shape":[400001],"data":${numbers}}]}`],
  ] as const)("of another step over %s are read in turns, and their bytes go to nobody", async (protocol, body) => {
    const codec = selectCodec(protocol);
    const given = { modelName: "m", limits, chaining: true };
    const request = codec.decodeRequest({ headers: json, body: [Buffer.from(body)] }, given);
    const reading = prepareContent(request, undefined);
    expect(reading).toBeInstanceOf(Promise);
    await reading;
    expect(request.inputs[0]?.data).toHaveLength(400_001);
    const sent = codec.encodeRequest(request, {});
    expect(Object.keys(JSON.parse(Buffer.concat([...sent.body]).toString("utf8")))).toEqual([
      protocol === "v1" ? "instances" : "inputs",
    ]);
  });

  test("of BYTES in two chunks are read once, in turns, and so are those of gRPC on their way to a V1 predictor", async () => {
    const count = 2000;
    const blob = Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.from([1, 0, 0, 0, 97 + (i % 26)])));
    const head = Buffer.from(
      `{"inputs":[{"name":"input-0","datatype":"BYTES","shape":[${count}],"parameters":{"binary_data_size":${blob.length}}}]}`,
    );
    const body = [head, blob.subarray(0, 3000), blob.subarray(3000)];
    const headers = { "content-type": "application/octet-stream", "inference-header-content-length": `${head.length}` };
    const framed = selectCodec("v2").decodeRequest({ headers, body }, options("v2"));
    let attempts = 0;
    const { value } = await inTurns(() => {
      attempts += 1;
      return framed.inputs[0]?.data;
    });
    expect([value?.length, attempts]).toEqual([count, 2]);
    const message = grpcCodec.encodeRequest(framed, {});
    const request = grpcCodec.decodeRequest(message, options("grpc-v2"));
    const { value: sent } = await inTurns(() => selectCodec("v1").encodeRequest(request, {}));
    const { instances } = JSON.parse(Buffer.concat([...sent.body]).toString("utf8"));
    expect(instances).toHaveLength(count);
  });

  test("of BYTES over gRPC have their elements when they are prepared", async () => {
    const data = Array.from({ length: 150_000 }, (_, i) => Buffer.from(`${i}`));
    const codec = grpcCodec;
    const message = codec.encodeRequest(InferRequest.create({ modelName: "m", inputs: [bytesTensor(data)] }), {});
    const request = codec.decodeRequest(message, options("grpc-v2"));
    await prepareContent(request, undefined);
    const [input] = request.inputs;
    const first = input?.data[0];
    const { turns } = await inTurns(() => input?.data);
    expect([turns, textOf(first as Uint8Array)]).toEqual([0, "0"]);
  });

  test("in an event stand as they are, and what is no UTF-8 has the replacement character", () => {
    const settings = { type: "t", merge: false } as never;
    const event = { mode: "structured", attributes: {} } as never;
    const valid = Buffer.from('{"predictions":["é😀"]}');
    const dataOf = (body: readonly Uint8Array[]): string => {
      const sent = encodeEvent({ headers: json, body }, event, "m", settings);
      return /"data":(.*)\}$/.exec(Buffer.concat([...sent.body]).toString("latin1"))?.[1] ?? "";
    };
    expect(Buffer.from(dataOf([valid.subarray(0, 17), valid.subarray(17)]), "latin1")).toEqual(valid);
    expect(dataOf([Buffer.from([0x22, 0xff, 0x22])])).toBe(Buffer.from('"\ufffd"').toString("latin1"));
  });
});
