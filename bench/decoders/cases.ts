import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { decodeEvent } from "../../src/envelope/cloudevents/decode.ts";
import { EventStreamReader } from "../../src/envelope/event-stream.ts";
import { decodeRawBody } from "../../src/envelope/raw-body.ts";
import { imageInstance } from "../../src/image/image-source.ts";
import { parseJson } from "../../src/json/parse-json.ts";
import { connectionOptions } from "../../src/policy/hop-by-hop.ts";
import { decodeBody } from "../../src/protocol/body-encoding.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { parseMediaTypes } from "../../src/protocol/media-type.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { compressResponse } from "../../src/server/http/compress-response.ts";
import { matchRoute } from "../../src/server/http/routes.ts";
import { parseBase64, parseBase64Data } from "../../src/tensor/elements/base64.ts";

/** One decoder on one kind of input. */
export interface StopCase {
  readonly name: string;
  /** Bytes at most, where that is less than a body. */
  readonly most?: number;
  /** Gives way to others in between. */
  readonly yields?: boolean;
  make(bytes: number): Buffer;
  run(input: Buffer): unknown;
}

/** node:http's, and `max_header_bytes`. */
const HEADERS = 64 * 1024;
const json = { "content-type": "application/json" };
const v1 = selectCodec("v1");
const v2 = selectCodec("v2");
const options = { modelName: "m", limits };

const repeated = (head: string, piece: string, tail: string) => (bytes: number) =>
  Buffer.concat([
    Buffer.from(head),
    Buffer.alloc(Math.max(0, bytes - head.length - tail.length), piece),
    Buffer.from(tail),
  ]);
/** A list of whole pieces with commas between. */
const listed = (head: string, piece: string, tail: string) => (bytes: number) => {
  const count = Math.max(1, Math.floor((bytes - head.length - tail.length) / (piece.length + 1)));
  return Buffer.from(`${head}${`${piece},`.repeat(count - 1)}${piece}${tail}`);
};
const rows = (input: Buffer) => v1.decodeRequest({ headers: json, body: [input] }, options).instances;
const columns = (input: Buffer) =>
  v1.decodeRequest({ headers: json, body: [input] }, options).inputs.map(({ data }) => data);
const tensors = (input: Buffer) =>
  v2.decodeRequest({ headers: json, body: [input] }, options).inputs.map(({ data }) => data);
const images = (input: Buffer) => v1.decodeRequest({ headers: json, body: [input] }, options).rows(imageInstance);
const image = (row: unknown) => imageInstance["~standard"].validate(row);

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

/** `ModelInferRequest` with one BYTES tensor, whose elements are 2 bytes each on the wire. */
function grpcBytes(bytes: number): Buffer {
  const count = Math.floor((bytes - 100) / 2);
  const contents = Buffer.alloc(count * 2, Buffer.from([0x42, 0]));
  const tensor = Buffer.concat([
    field(1, Buffer.from("x")),
    field(2, Buffer.from("BYTES")),
    field(3, Buffer.from(varint(count))),
    field(5, contents),
  ]);
  return Buffer.concat([field(1, Buffer.from("m")), field(5, tensor)]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

const form = (part: string) => (bytes: number) =>
  Buffer.from(`${part.repeat(Math.max(1, Math.floor(bytes / part.length)))}--b--\r\n`);
const readForm = (input: Buffer) =>
  decodeRawBody({ headers: { "content-type": "multipart/form-data; boundary=b" }, body: [input] }, limits, "x");

export const CASES: readonly StopCase[] = [
  { name: "base64, strict", make: repeated("", "QUJD", ""), run: (input) => parseBase64(input.toString("latin1")) },
  {
    name: "base64 behind data:, strict",
    make: repeated("data:image/png;base64,", "QUJD", ""),
    run: (input) => parseBase64Data(input.toString("latin1")),
  },
  { name: "image row, base64", make: repeated("", "QUJD", ""), run: (input) => image(input.toString("latin1")) },
  {
    name: "image row, base64 with spaces",
    make: repeated("", "Q U\n", ""),
    run: (input) => image(input.toString("latin1")),
  },
  { name: "image row, spaces", make: repeated("x", " ", "x"), run: (input) => image(input.toString("latin1")) },
  {
    name: "image row, data: URL of spaces",
    make: repeated("data:", " ", "x"),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, ;base64 and spaces",
    make: repeated("data:;base64", " ", "x,"),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, escapes",
    make: repeated("data:,", "%41", ""),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "image row, data: URL, base64 of escapes",
    make: repeated("data:;base64,", "%41", ""),
    run: (input) => image(input.toString("latin1")),
  },
  {
    name: "V1 image rows, a request",
    make: listed('{"instances":[', `{"b64":"${"QUJD".repeat(300)}"}`, "]}"),
    run: images,
  },
  { name: "JSON, one text", make: repeated('{"a":"', "x", '"}'), run: (input) => parseJson(input, { maxDepth: 64 }) },
  {
    name: "JSON, escapes",
    make: repeated('{"a":"', "\\u0041", '"}'),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  {
    name: "JSON, escapes of half a pair",
    make: repeated('{"a":"', "\\ud800", '"}'),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  {
    name: "JSON, backslashes without an end",
    make: repeated('{"a":"', "\\\\", ""),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  { name: "JSON, spaces", make: repeated("[", " ", "]"), run: (input) => parseJson(input, { maxDepth: 64 }) },
  {
    name: "JSON, nesting",
    make: listed("[", `${"[".repeat(60)}${"]".repeat(60)}`, "]"),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  {
    name: "JSON, large integers",
    make: listed("[", "9007199254740993", "]"),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  {
    name: "JSON, one integer of many digits",
    make: repeated("[", "9", "]"),
    run: (input) => parseJson(input, { maxDepth: 64 }),
  },
  { name: "V1, numbers, rows", make: listed('{"instances":[', "[0.123456789,1]", "]}"), run: rows },
  { name: "V1, numbers, columns", make: listed('{"instances":[[', "0.123456789", "]]}"), run: columns },
  { name: "V2, FP32", make: v2Listed("FP32", "0.123456789"), run: tensors },
  { name: "V2, INT64", make: v2Listed("INT64", "9007199254740993"), run: tensors },
  { name: "V2, BYTES, empty texts", make: v2Listed("BYTES", '""'), run: tensors },
  { name: "V2 binary, BYTES, empty", make: emptyFrames, run: binaryTensors },
  {
    name: "gRPC, BYTES, empty",
    make: grpcBytes,
    run: (input) => grpcCodec.decodeRequest({ headers: {}, body: [input] }, options).inputs.map(({ data }) => data),
  },
  {
    name: "CloudEvent, data_base64",
    make: repeated('{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"', "QUJD", '"}'),
    run: (input) => decodeEvent({ headers: { "content-type": "application/cloudevents+json" }, body: [input] }, 64),
  },
  {
    name: "CloudEvent, data",
    make: listed('{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"instances":[', "0.125", "]}}"),
    run: (input) => decodeEvent({ headers: { "content-type": "application/cloudevents+json" }, body: [input] }, 64),
  },
  {
    name: "CloudEvent header of escapes",
    most: HEADERS,
    make: repeated("", "%41", ""),
    run: (input) =>
      decodeEvent({ headers: { "ce-specversion": "1.0", "ce-id": input.toString("latin1") }, body: [] }, 64),
  },
  {
    name: "server-sent event without an end",
    most: 16 * 1024 * 1024,
    make: repeated("data: ", "x", ""),
    run: (input) => {
      const reader = new EventStreamReader();
      for (let at = 0; at < input.length; at += 16_384) reader.push(input.subarray(at, at + 16_384));
    },
  },
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
  {
    name: "media types, commas",
    most: HEADERS,
    make: repeated("", ",", ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "media types, parameters",
    most: HEADERS,
    make: repeated("a/b", ";a=b", ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "media types, quotes",
    most: HEADERS,
    make: repeated('a/b;a="', '\\"', ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "connection header, commas",
    most: HEADERS,
    make: repeated("", "a,", ""),
    run: (input) => connectionOptions(input.toString("latin1")),
  },
  {
    name: "accept-encoding, commas",
    most: HEADERS,
    make: repeated("", "a;q=1,", ""),
    run: (input) =>
      compressResponse(input.toString("latin1"), { status: 200, headers: { "content-type": "text/plain" }, body: [] }),
  },
  {
    name: "path, escapes",
    most: HEADERS,
    make: repeated("/v1/models/", "%41", ":predict"),
    run: (input) => matchRoute(input.toString("latin1")),
  },
  {
    name: "path, slashes",
    most: HEADERS,
    make: repeated("/v2/models/m", "/", "infer"),
    run: (input) => matchRoute(input.toString("latin1")),
  },
  {
    name: "path, a verb of many letters",
    most: HEADERS,
    make: repeated("/v1/models/m:", "predict", ""),
    run: (input) => matchRoute(input.toString("latin1")),
  },
];
