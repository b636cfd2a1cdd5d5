import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { decodeEvent } from "../../src/envelope/cloudevents/decode.ts";
import { dataOfEvent, EventStreamReader } from "../../src/envelope/event-stream.ts";
import { decodeRawBody } from "../../src/envelope/raw-body.ts";
import { imageInstance } from "../../src/image/image-source.ts";
import { prepareContent } from "../../src/inference/content.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { parseJsonInTurns } from "../../src/json/parse-json-in-turns.ts";
import { decodeBody } from "../../src/protocol/body-encoding.ts";
import type { Codec } from "../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { Turns } from "../../src/turns.ts";
import { BASE64_CASES } from "./base64-cases.ts";
import { GRPC_CASES } from "./grpc-cases.ts";
import { HEADER_CASES } from "./header-cases.ts";
import { HEADERS, listed, repeated, type StopCase } from "./stop-case.ts";
import { VIEW_CASES } from "./view-cases.ts";

const json = { "content-type": "application/json" };
const v1 = selectCodec("v1");
const v2 = selectCodec("v2");
const options = { modelName: "m", limits: { ...limits, maxInstances: Number.POSITIVE_INFINITY } };

/** As the exchange reads a body before it calls a hook. */
async function prepared(codec: Codec, input: Buffer): Promise<InferRequest> {
  const request = codec.decodeRequest({ headers: json, body: [input] }, options);
  await prepareContent(request, undefined);
  return request;
}
const rows = async (input: Buffer) => (await prepared(v1, input)).instances;
const columns = async (input: Buffer) => (await prepared(v1, input)).inputs.map(({ data }) => data);
const tensors = async (input: Buffer) => (await prepared(v2, input)).inputs.map(({ data }) => data);
const images = async (input: Buffer) => (await prepared(v1, input)).rows(imageInstance);
const parse = (input: Buffer) => parseJsonInTurns(input, { maxDepth: 64 }, new Turns());

function v2Head(datatype: string, count: number): string {
  return `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${count}],"data":[`;
}

const v2Listed = (datatype: string, piece: string) => (bytes: number) => {
  const count = Math.max(1, Math.floor((bytes - 100) / (piece.length + 1)));
  return Buffer.from(`${v2Head(datatype, count)}${`${piece},`.repeat(count - 1)}${piece}]}]}`);
};

/** BYTES elements without a byte: 4 bytes each. */
function emptyFrames(bytes: number): Buffer {
  const count = Math.floor((bytes - 200) / 4);
  const head = Buffer.from(
    `{"inputs":[{"name":"x","datatype":"BYTES","shape":[${count}],"parameters":{"binary_data_size":${count * 4}}}]}`,
  );
  return Buffer.concat([head, Buffer.alloc(count * 4)]);
}

function binaryTensors(input: Buffer): unknown {
  const end = input.indexOf("]}") + 2;
  const headers = { "content-type": "application/octet-stream", "inference-header-content-length": String(end) };
  return v2.decodeRequest({ headers, body: [input] }, options).inputs.map(({ data }) => data);
}

/** As its chunks come from a socket. */
async function readEvent(input: Buffer): Promise<void> {
  const reader = new EventStreamReader();
  for (let at = 0; at < input.length; at += 65_536) {
    for (const event of reader.push(input.subarray(at, at + 65_536))) dataOfEvent(event);
    await setImmediate();
  }
}

const form = (part: string) => (bytes: number) =>
  Buffer.from(`${part.repeat(Math.max(1, Math.floor(bytes / part.length)))}--b--\r\n`);
const readForm = (input: Buffer) =>
  decodeRawBody(
    { headers: { "content-type": "multipart/form-data; boundary=b" }, body: [input] },
    limits,
    "x",
    new Turns(),
  );

export const CASES: readonly StopCase[] = [
  ...BASE64_CASES,
  {
    name: "V1 image rows, a request",
    make: listed('{"instances":[', `{"b64":"${"QUJD".repeat(300)}"}`, "]}"),
    yields: true,
    run: images,
  },
  { name: "JSON, one text", make: repeated('{"a":"', "x", '"}'), yields: true, run: parse },
  {
    name: "JSON, escapes",
    make: repeated('{"a":"', "\\u0041", '"}'),
    yields: true,
    run: parse,
  },
  {
    name: "JSON, escapes of half a pair",
    make: repeated('{"a":"', "\\ud800", '"}'),
    yields: true,
    run: parse,
  },
  {
    name: "JSON, backslashes without an end",
    make: repeated('{"a":"', "\\\\", ""),
    yields: true,
    run: parse,
  },
  { name: "JSON, spaces", make: repeated("[", " ", "]"), yields: true, run: parse },
  {
    name: "JSON, nesting",
    make: listed("[", `${"[".repeat(60)}${"]".repeat(60)}`, "]"),
    yields: true,
    run: parse,
  },
  {
    name: "JSON, nesting as far as it is taken",
    most: 8 * 1024 * 1024,
    make: listed("[", `${"[".repeat(60)}${"]".repeat(60)}`, "]"),
    yields: true,
    run: parse,
  },
  {
    name: "JSON, large integers",
    make: listed("[", "9007199254740993", "]"),
    yields: true,
    run: parse,
  },
  {
    name: "JSON, one integer of many digits",
    make: repeated("[", "9", "]"),
    yields: true,
    run: parse,
  },
  {
    name: "V1, a million rows of one number",
    make: listed('{"instances":[', "[0.1234567890123]", "]}"),
    yields: true,
    run: rows,
  },
  {
    name: "V1, numbers in rows, as columns",
    make: listed('{"instances":[', "[0.123456789,1]", "]}"),
    yields: true,
    run: columns,
  },
  {
    name: "V1, records",
    make: listed('{"instances":[', '{"age":41,"name":"abc","income":1234.5}', "]}"),
    yields: true,
    run: rows,
  },
  { name: "V1, large integers", make: listed('{"instances":[', "[9007199254740993,1]", "]}"), yields: true, run: rows },
  { name: "V1, quotes in texts", make: repeated('{"instances":["', '\\"', '"]}'), yields: true, run: rows },
  {
    name: "V1, a member of arrays",
    make: listed('{"instances":[1],"a":[', "[[1],[2,[3]]]", "]}"),
    yields: true,
    run: rows,
  },
  { name: "V2, BYTES", make: v2Listed("BYTES", '"0123456789abc"'), yields: true, run: tensors },
  { name: "V1, numbers, rows", make: listed('{"instances":[', "[0.123456789,1]", "]}"), yields: true, run: rows },
  { name: "V1, numbers, columns", make: listed('{"instances":[[', "0.123456789", "]]}"), yields: true, run: columns },
  { name: "V2, FP32", make: v2Listed("FP32", "0.123456789"), yields: true, run: tensors },
  { name: "V2, INT64", make: v2Listed("INT64", "9007199254740993"), yields: true, run: tensors },
  { name: "V2, BYTES, empty texts", make: v2Listed("BYTES", '""'), yields: true, run: tensors },
  { name: "V2 binary, BYTES, empty", make: emptyFrames, run: binaryTensors },
  {
    name: "CloudEvent, data_base64",
    yields: true,
    make: repeated('{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"', "QUJD", '"}'),
    run: (input) =>
      decodeEvent({ headers: { "content-type": "application/cloudevents+json" }, body: [input] }, 64, new Turns()),
  },
  {
    name: "CloudEvent, data",
    yields: true,
    make: listed('{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"instances":[', "0.125", "]}}"),
    run: (input) =>
      decodeEvent({ headers: { "content-type": "application/cloudevents+json" }, body: [input] }, 64, new Turns()),
  },
  {
    name: "CloudEvent header of escapes",
    most: HEADERS,
    make: repeated("", "%41", ""),
    run: (input) =>
      decodeEvent(
        { headers: { "ce-specversion": "1.0", "ce-id": input.toString("latin1") }, body: [] },
        64,
        new Turns(),
      ),
  },
  {
    name: "server-sent event, one line",
    yields: true,
    most: 16 * 1024 * 1024 - 65_536,
    make: repeated("data: ", "x", "\n\n"),
    run: readEvent,
  },
  {
    name: "server-sent event, many lines",
    yields: true,
    most: 16 * 1024 * 1024 - 65_536,
    make: repeated("", "data:x\n", "\n"),
    run: readEvent,
  },
  ...GRPC_CASES,
  {
    name: "gzip",
    yields: true,
    make: (bytes) => gzipSync(Buffer.alloc(bytes, "0.125,")),
    run: (input) => decodeBody([input], "gzip", limits.maxBodyBytes),
  },
  {
    name: "form, one file",
    yields: true,
    make: repeated('--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n', "x", "\r\n--b--\r\n"),
    run: readForm,
  },
  {
    name: "form, small fields",
    yields: true,
    make: form('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'),
    run: readForm,
  },
  {
    name: "form, almost boundaries",
    yields: true,
    make: repeated('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', "\r\n-", "\r\n--b--\r\n"),
    run: readForm,
  },
  {
    name: "form, a head without end",
    yields: true,
    make: repeated("--b\r\nContent-Disposition: form-data; name=", "a", ""),
    run: readForm,
  },
  ...VIEW_CASES,
  ...HEADER_CASES,
];
