import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { WireMessage } from "../src/inference/content.ts";
import { InferRequest } from "../src/inference/infer-request.ts";
import { InferResponse } from "../src/inference/infer-response.ts";
import { TensorValues } from "../src/inference/row-and-tensor-values.ts";
import { formatJson } from "../src/json/format-json.ts";
import type { Codec } from "../src/protocol/codec.ts";
import { DATATYPES, type Datatype, type TensorDataByDatatype } from "../src/tensor/datatype.ts";
import type { JsonValue } from "../src/tensor/json-value.ts";
import { createTensor, type Tensor } from "../src/tensor/tensor.ts";
import { hostile, join } from "./byte-mutation.ts";

/** A message whose body, and now and then whose headers, may be anything. */
export interface HostileMessage extends WireMessage {
  readonly body: readonly Uint8Array[];
}

const encoder = new TextEncoder();
const oddContentType = fc.constantFrom(
  "",
  "text/html",
  "application/json; charset=latin1",
  "a/b, c/d",
  "multipart/form-data",
);

/** JSON writes neither NaN nor bytes that are no text: without a byte above 0x7b there are none. */
const LARGEST_JSON_BYTE = 0x7b;

const tensor = (largestByte: number): fc.Arbitrary<Tensor> =>
  fc
    .record({
      name: fc.oneof(fc.constantFrom("x", "input-0", "__proto__", ""), fc.string({ maxLength: 8 })),
      datatype: fc.constantFrom(...(Object.keys(DATATYPES) as Datatype[])),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      noise: fc.uint8Array({ minLength: 8, maxLength: 64, max: largestByte }),
    })
    .map(({ name, datatype, shape, noise }) => createTensor(name, datatype, shape, dataOf(datatype, shape, noise)));

function dataOf<D extends Datatype>(datatype: D, shape: readonly number[], noise: Uint8Array): TensorDataByDatatype[D] {
  const length = shape.reduce((product, size) => product * size, 1);
  const { create, bytes } = DATATYPES[datatype];
  if (datatype === "BYTES") {
    return Array.from({ length }, (_, i) =>
      noise.subarray(0, (noise[i % 8] ?? 0) % 9),
    ) as unknown as TensorDataByDatatype[D];
  }
  const data = create(length) as Uint8Array;
  const view = new Uint8Array(data.buffer);
  for (let i = 0; i < length * bytes; i++) {
    const byte = noise[i % noise.length] ?? 0;
    view[i] = datatype === "BOOL" ? byte & 1 : byte;
  }
  return data as unknown as TensorDataByDatatype[D];
}

const tensors = (largestByte: number): fc.Arbitrary<Tensor[]> =>
  fc.uniqueArray(tensor(largestByte), { maxLength: 4, selector: ({ name }) => name });
const json = fc.jsonValue({ maxDepth: 5 }).map((value) => value as JsonValue);
const numbers = fc.array(fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { maxLength: 5 }), {
  maxLength: 5,
});
const imageRow = fc.oneof(
  fc.record({ url: fc.oneof(fc.webUrl(), dataUrl()) }),
  fc.record({ b64: fc.base64String() }),
  fc.record({ image_bytes: fc.record({ b64: fc.base64String() }) }),
);
const rows: fc.Arbitrary<JsonValue> = fc.oneof(json, numbers, fc.array(imageRow, { maxLength: 4 }));

function dataUrl(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom("data:,", "data:image/png;base64,", "data:text/plain;charset=x,"), fc.string())
    .map((parts) => parts.join(""));
}

/** V1: rows or columns, now and then both, with other members. */
const v1Body = fc
  .tuple(fc.constantFrom("instances", "inputs", "predictions", "outputs"), rows, fc.dictionary(fc.string(), json))
  .map(([key, value, members]) => encoder.encode(formatJson({ ...members, [key]: value })));

export const v1Message: fc.Arbitrary<HostileMessage> = message(hostile(v1Body), "application/json");

export const imageMessage: fc.Arbitrary<HostileMessage> = message(
  hostile(fc.array(imageRow, { maxLength: 4 }).map((instances) => encoder.encode(formatJson({ instances })))),
  "application/json",
);

/** The body that a codec writes for a request or a response of these tensors, broken, with the headers that belong to it. */
export function tensorMessage(codec: Codec, side: "request" | "answer", binary: boolean): fc.Arbitrary<HostileMessage> {
  return tensors(binary ? 0xff : LARGEST_JSON_BYTE)
    .map((given) => (side === "request" ? requestMessage(codec, given, binary) : answerMessage(codec, given, binary)))
    .chain(({ headers, body }) =>
      fc.tuple(hostile(fc.constant(join(...body))), fc.option(headerLength, { freq: 10 })).map(([bytes, length]) => ({
        headers: length === null ? headers : { ...headers, "inference-header-content-length": length },
        body: [bytes],
      })),
    );
}

const headerLength = fc.oneof(
  fc.integer({ min: -5, max: 400 }).map(String),
  fc.constantFrom("", "x", "1e3", "0x10", "NaN", "9".repeat(30)),
);

function requestMessage(codec: Codec, inputs: readonly Tensor[], binary: boolean): WireMessage {
  return codec.encodeRequest(requestOf(inputs), { binary });
}

function requestOf(inputs: readonly Tensor[]): InferRequest {
  const content = { id: "id", parameters: {}, members: {}, values: new TensorValues(inputs, "input") };
  return new InferRequest({ modelName: "m", content });
}

function answerMessage(codec: Codec, outputs: readonly Tensor[], binary: boolean): WireMessage {
  const content = { parameters: {}, members: {}, values: new TensorValues(outputs, "output") };
  const response = new InferResponse({ modelName: "m", content });
  const asked = codec.encodeRequest(requestOf([]), { binary });
  const request = codec.decodeRequest(asked, { modelName: "m", limits: LIMITS });
  return codec.encodeResponse(response, { request });
}

function message(bodies: fc.Arbitrary<Uint8Array>, contentType: string): fc.Arbitrary<HostileMessage> {
  const types = fc.oneof({ weight: 9, arbitrary: fc.constant(contentType) }, { weight: 1, arbitrary: oddContentType });
  return fc.tuple(bodies, types).map(([bytes, type]) => ({ headers: { "content-type": type }, body: [bytes] }));
}

/** Gzip of something, broken. */
export const gzipBody: fc.Arbitrary<Uint8Array> = hostile(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => gzipped(bytes)),
);

function gzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes, { level: 1 }));
}

/** Structured and binary CloudEvents around a V1 body. */
export const eventMessage: fc.Arbitrary<HostileMessage> = fc.oneof(
  message(
    hostile(
      fc
        .record({ data: fc.oneof(fc.record({ instances: rows }), json), type: fc.string(), id: fc.string() })
        .map((members) => encoder.encode(formatJson({ specversion: "1.0", source: "fuzz", ...members }))),
    ),
    "application/cloudevents+json",
  ),
  fc
    .tuple(hostile(v1Body), fc.string(), fc.constantFrom("1.0", "0.3", "2", "", "%zz", "%E0%A4%A"))
    .map(([bytes, id, version]) => ({
      headers: {
        "content-type": "application/json",
        "ce-specversion": version,
        "ce-id": id,
        "ce-source": "fuzz",
        "ce-type": "t",
      },
      body: [bytes],
    })),
);

/** Server-sent events, broken. */
export const eventStream: fc.Arbitrary<Uint8Array> = hostile(
  fc
    .array(
      fc.tuple(
        fc.constantFrom("data: ", "data:", "event: ", ": ", "id: "),
        fc.string(),
        fc.constantFrom("\n", "\r\n", "\r"),
      ),
      {
        maxLength: 12,
      },
    )
    .map((lines) => encoder.encode(lines.map(([field, text, end]) => `${field}${text}${end}${end}`).join(""))),
);

/** Small enough that generated bodies pass them. */
export const LIMITS = {
  maxBodyBytes: 2048,
  maxResponseBytes: 2048,
  maxJsonDepth: 12,
  maxInstances: 16,
  maxTensors: 4,
  maxElements: 128,
} as const;
