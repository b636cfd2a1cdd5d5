import { Buffer } from "node:buffer";
import { prepareContent } from "../../src/inference/content.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { AskedViews } from "../../src/transformer/asked-views.ts";
import { listed, type StopCase } from "./stop-case.ts";

const v1 = selectCodec("v1");
const v2 = selectCodec("v2");
const options = { modelName: "m", limits: { ...DEFAULT_LIMITS, maxInstances: Number.POSITIVE_INFINITY } };

/** As the pipeline does for the first large request of a process: read, the other view made on trial, and asked for by the hook. */
async function asked(request: InferRequest, view: "instances" | "inputs"): Promise<unknown> {
  await prepareContent(request, undefined);
  await new AskedViews().prepare(request, undefined);
  return request[view];
}

const ofJson = (body: Buffer): InferRequest =>
  v1.decodeRequest({ headers: { "content-type": "application/json" }, body: [body] }, options);

const ofBinary = (input: Buffer): InferRequest => {
  const end = input.indexOf("]}") + 2;
  const headers = { "content-type": "application/octet-stream", "inference-header-content-length": String(end) };
  return v2.decodeRequest({ headers, body: [input] }, options);
};

/** Tensors of rows of so many elements. */
const binary =
  (datatype: string, element: Buffer, width: number, tensors = 1) =>
  (bytes: number): Buffer => {
    const rows = Math.max(1, Math.floor(bytes / (element.length * width * tensors)));
    const size = rows * width * element.length;
    const shape = width === 1 ? [rows] : [rows, width];
    const inputs = Array.from(
      { length: tensors },
      (_, i) =>
        `{"name":"${tensors === 1 ? "input-0" : `x${i}`}","datatype":"${datatype}","shape":[${shape}],"parameters":{"binary_data_size":${size}}}`,
    );
    return Buffer.concat([Buffer.from(`{"inputs":[${inputs}]}`), Buffer.alloc(size * tensors, element)]);
  };

const FLOAT = Buffer.from(Float32Array.of(0.1).buffer);
const LONG = Buffer.from(BigInt64Array.of(9007199254740993n).buffer);
const TEXT = Buffer.from("\x0d\0\0\x000123456789abc", "latin1");

const rowsOf = (name: string, make: StopCase["make"]): StopCase => ({
  name: `rows of ${name}`,
  make,
  yields: true,
  run: (input) => asked(ofBinary(input), "instances"),
});
const columnsOf = (name: string, make: StopCase["make"]): StopCase => ({
  name: `columns of ${name}`,
  make,
  yields: true,
  run: (input) => asked(ofJson(input), "inputs"),
});

export const VIEW_CASES: readonly StopCase[] = [
  rowsOf("FP32, flat", binary("FP32", FLOAT, 1)),
  rowsOf("FP32, of 3", binary("FP32", FLOAT, 3)),
  rowsOf("FP32, of 40", binary("FP32", FLOAT, 40)),
  rowsOf("FP32, of 150,528", binary("FP32", FLOAT, 150_528)),
  rowsOf("INT64, flat", binary("INT64", LONG, 1)),
  rowsOf("INT64, of 40", binary("INT64", LONG, 40)),
  rowsOf("BYTES, flat", binary("BYTES", TEXT, 1)),
  rowsOf("40 columns of FP32", binary("FP32", FLOAT, 1, 40)),
  rowsOf("2 columns of INT64", binary("INT64", LONG, 1, 2)),
  rowsOf("2 columns of BYTES", binary("BYTES", TEXT, 1, 2)),
  columnsOf("V1 rows of 2 numbers", listed('{"instances":[', "[0.123456789,1]", "]}")),
  columnsOf("V1 rows of 40 numbers", listed('{"instances":[', `[${Array(40).fill("0.5")}]`, "]}")),
  columnsOf("V1 texts", listed('{"instances":[', '"a text of some words \\n"', "]}")),
  columnsOf("V1 records of 3", listed('{"instances":[', '{"age":41,"name":"abc","income":1234.5}', "]}")),
  columnsOf(
    "V1 records of 40",
    listed('{"instances":[', `{${Array.from({ length: 40 }, (_, i) => `"k${i}":0.5`)}}`, "]}"),
  ),
  {
    name: "rows of V1 columns",
    make: listed('{"inputs":[', "[0.123456789,1]", "]}"),
    yields: true,
    run: (input) => asked(ofJson(input), "instances"),
  },
  {
    name: "V1 rows, one of all numbers",
    make: listed('{"instances":[[', "0.5", "]]}"),
    yields: true,
    run: (input) => asked(ofJson(input), "instances"),
  },
];
