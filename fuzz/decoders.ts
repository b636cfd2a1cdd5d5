import fc from "fast-check";
import { decodeEvent, isCloudEvent } from "../src/envelope/cloudevents/decode.ts";
import { dataOfEvent, EventStreamReader } from "../src/envelope/event-stream.ts";
import { InferenceError } from "../src/errors.ts";
import { imageInstance } from "../src/image/image-source.ts";
import { openImage } from "../src/image/open-image.ts";
import type { InferRequest } from "../src/inference/infer-request.ts";
import type { InferResponse } from "../src/inference/infer-response.ts";
import { decodeBody } from "../src/protocol/body-encoding.ts";
import { checkRequest } from "../src/protocol/check-request.ts";
import type { Codec } from "../src/protocol/codec.ts";
import { grpcCodec } from "../src/protocol/grpc/grpc-codec.ts";
import { selectCodec } from "../src/protocol/select-codec.ts";
import { Turns } from "../src/turns.ts";
import { hostile } from "./byte-mutation.ts";
import { createDataPlane } from "./data-plane.ts";
import {
  eventMessage,
  eventStream,
  gzipBody,
  type HostileMessage,
  imageMessage,
  LIMITS,
  tensorMessage,
  v1Message,
} from "./messages.ts";

/** One decoder under test: what it is given, and a run that throws when it does anything but answer or refuse. */
export interface Decoder {
  readonly name: string;
  /** Share of a long run. */
  readonly weight: number;
  readonly property: fc.IRawProperty<unknown>;
}

/** A run that took longer than this hangs; processor time, so that a busy machine is no hang. */
const MAX_CPU_MS = 1000;

const v2 = selectCodec("v2");

/** Every decoder of bytes that others send. */
export function createDecoders(): readonly Decoder[] {
  const answer = createDataPlane();
  return [
    decoder("V1 request", 12, v1Message, (message) => readRequest(selectCodec("v1"), message)),
    decoder("V2 JSON request", 12, tensorMessage(v2, "request", false), (message) => readRequest(v2, message)),
    decoder("V2 binary request", 12, tensorMessage(v2, "request", true), (message) => readRequest(v2, message)),
    decoder("gRPC request", 12, tensorMessage(grpcCodec, "request", true), (message) =>
      readRequest(grpcCodec, message),
    ),
    decoder("V1 answer", 6, v1Message, (message) => readResponseBody(selectCodec("v1"), message)),
    decoder("V2 JSON answer", 6, tensorMessage(v2, "answer", false), (message) => readResponseBody(v2, message)),
    decoder("V2 binary answer", 6, tensorMessage(v2, "answer", true), (message) => readResponseBody(v2, message)),
    decoder("gRPC answer", 6, tensorMessage(grpcCodec, "answer", true), (message) =>
      readResponseBody(grpcCodec, message),
    ),
    decoder("CloudEvent", 6, eventMessage, readEvent),
    decoder("server-sent events", 4, eventStream, readEventStream),
    decoder("gzip", 3, fc.tuple(gzipBody, fc.constantFrom("gzip", "deflate", "br", "gzip, gzip")), ([body, encoding]) =>
      refusal(() => decodeBody([body], encoding, LIMITS.maxBodyBytes), isClientError),
    ),
    decoder("image rows and data: URLs", 8, imageMessage, (message) => readRequest(selectCodec("v1"), message)),
    decoder("image file", 1, hostile(fc.constantFrom(...IMAGES)), (bytes) =>
      refusal(async () => (await openImage(bytes, { maxPixels: 10_000 })).decode(), isClientError),
    ),
    decoder(
      "whole request over the data plane",
      6,
      fc.oneof(v1Message, imageMessage, eventMessage, tensorMessage(v2, "request", true)),
      answer,
    ),
  ];
}

/** The smallest pictures of two formats: 1 × 1 GIF and PNG. */
const IMAGES: readonly Uint8Array[] = [
  "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=",
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
].map((base64) => new Uint8Array(Buffer.from(base64, "base64")));

function decoder<T>(name: string, weight: number, input: fc.Arbitrary<T>, run: (input: T) => unknown): Decoder {
  const property = fc.asyncProperty(input, async (value) => {
    const before = process.cpuUsage();
    await run(value);
    const { user } = process.cpuUsage(before);
    if (user / 1000 > MAX_CPU_MS) throw new Error(`${name}: took ${Math.round(user / 1000)} ms of processor time`);
  });
  return { name, weight, property };
}

const isClientError = ({ status }: InferenceError): boolean => status >= 400 && status < 500;
const isBadGateway = ({ status }: InferenceError): boolean => status === 502;

/** Runs; only a refusal of the right kind may be thrown. */
async function refusal(run: () => unknown, isRight: (error: InferenceError) => boolean): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (InferenceError.isInstance(error) && isRight(error)) return;
    throw error;
  }
}

/** Everything that a hook may ask of a request. */
async function readRequest(codec: Codec, message: HostileMessage): Promise<void> {
  const open = (chaining = false): InferRequest =>
    codec.decodeRequest(message, { modelName: "m", limits: LIMITS, chaining });
  const views: readonly ((request: InferRequest) => unknown)[] = [
    (request) => [request.id, request.parameters, request.members, request.requestedOutputs],
    (request) => request.instances,
    (request) => request.inputs.map(({ data }) => data),
    (request) => request.rows(imageInstance),
    (request) => request.digest(),
    () => checkRequest(codec.wire, message, LIMITS),
  ];
  for (const view of views) await refusal(() => view(open()), isClientError);
  await refusal(() => open(true).instances, isClientError);
}

/** Everything that a hook may ask of a predictor's response: what is wrong with it is never the client's fault. */
async function readResponseBody(codec: Codec, message: HostileMessage): Promise<void> {
  const open = (): InferResponse => codec.decodeResponse(message, { modelName: "m", limits: LIMITS });
  await refusal(() => open().predictions, isBadGateway);
  await refusal(() => open().outputs.map(({ data }) => data), isBadGateway);
}

function readEvent(message: HostileMessage): Promise<void> {
  isCloudEvent(message.headers);
  return refusal(() => decodeEvent(message, LIMITS.maxJsonDepth, new Turns()), isClientError);
}

/** Events do not depend on how the stream is cut. */
function readEventStream(bytes: Uint8Array): void {
  const whole = new EventStreamReader();
  const expected = [...whole.push(bytes), ...whole.end()];
  const cut = new EventStreamReader();
  const seen: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) seen.push(...cut.push(bytes.subarray(i, i + 3)));
  seen.push(...cut.end());
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    throw new Error(`events depend on chunks: ${JSON.stringify(seen)}, whole ${JSON.stringify(expected)}`);
  }
  for (const event of seen) dataOfEvent(event);
}
