import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import { InferResponse, type ResponseInit, responseContentOf } from "../inference/infer-response.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import { createLogger } from "../observability/logger.ts";
import { createHttpPredictor } from "../predictor/http/http-predictor.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { decodeBody } from "../protocol/body-encoding.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import { errorResponse } from "../server/http/error-response.ts";
import { jsonResponse } from "../server/http/http-message.ts";
import { matchRoute } from "../server/http/routes.ts";
import { writeResponse } from "../server/http/write-response.ts";

/** How the next responses go wrong. */
export interface Fault {
  /** Answer with this status; `body` is sent as it is. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Wait before anything else. */
  readonly delayMs?: number;
  /** Break the connection: before the head, or in the middle of the body. */
  readonly reset?: "before-head" | "in-body";
}

export interface MockPredictorOptions {
  /** What it answers. @default the request's content, unchanged */
  readonly answer?: (request: InferRequest) => ResponseInit | Promise<ResponseInit>;
  /** What it is asked in when it is given as a predictor. @default "v1" */
  readonly protocol?: "v1" | "v2";
  /** V2 model metadata. @default none: 404 */
  readonly metadata?: Omit<ModelMetadata, "name">;
  /** Extensions in the server's metadata. @default ["binary_tensor_data"] */
  readonly extensions?: readonly string[];
}

/** One request as the mock predictor received it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A server, and the predictor that is connected to it: `testTransformer(Mine, { predictor: mock })`. */
export interface MockPredictor extends Predictor {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Makes the next inference request go wrong, or all of them until `recover`. */
  fail(fault: Fault, times?: number): void;
  recover(): void;
  close(): Promise<void>;
}

/** A V1 and V2 predictor on loopback, with the true codecs, and faults on demand. */
export async function startMockPredictor(options: MockPredictorOptions = {}): Promise<MockPredictor> {
  const requests: ReceivedRequest[] = [];
  const faults: Fault[] = [];
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing, options, requests, faults).catch((error) => {
      void writeResponse(outgoing, errorResponse(error, "mock", createLogger({ level: "silent" })), false);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = createHttpPredictor({ host: url, protocol: options.protocol ?? "v1" });
  return {
    description: `mock ${connected.description}`,
    forwarder: connected.forwarder,
    infer: (request, how) => connected.infer(request, how),
    ready: (how) => connected.ready(how),
    metadata: (how) => connected.metadata(how),
    url,
    requests,
    fail: (fault, times = Number.POSITIVE_INFINITY) => {
      if (times === Number.POSITIVE_INFINITY) faults.splice(0, faults.length, FOREVER, fault);
      else faults.push(...Array.from({ length: times }, () => fault));
    },
    recover: () => faults.splice(0),
    close: async () => {
      await connected.close();
      await closeServer(server);
    },
  };
}

/** Stands before a fault that stays. */
const FOREVER: Fault = {};

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: MockPredictorOptions,
  requests: ReceivedRequest[],
  faults: Fault[],
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const headers = incoming.headers as Record<string, string>;
  const path = (incoming.url ?? "/").split("?")[0] ?? "/";
  const route = matchRoute(path);
  if (route?.kind !== "infer") {
    await writeResponse(outgoing, describe(path, options), false);
    return;
  }
  requests.push({ path, headers, body: new Uint8Array(Buffer.concat(chunks)) });
  const fault = faults[0] === FOREVER ? faults[1] : faults.shift();
  if (fault !== undefined && (await commit(fault, outgoing))) return;
  const codec = selectCodec(route.protocol);
  const body = await decodeBody(chunks, headers["content-encoding"], DEFAULT_LIMITS.maxBodyBytes);
  const request = codec.decodeRequest(
    { headers, body },
    { modelName: route.model, modelVersion: route.version, limits: DEFAULT_LIMITS },
  );
  const content =
    options.answer === undefined
      ? { values: request.values, parameters: {}, members: {} }
      : responseContentOf(await options.answer(request));
  const response = new InferResponse({ modelName: route.model, modelVersion: route.version, content });
  const message = codec.encodeResponse(response, { request });
  await writeResponse(outgoing, { status: 200, headers: message.headers, body: message.body }, false);
}

/** True when the fault has answered. */
async function commit(fault: Fault, outgoing: ServerResponse): Promise<boolean> {
  if (fault.delayMs !== undefined) await delay(fault.delayMs);
  if (fault.reset === "before-head") {
    outgoing.destroy();
    return true;
  }
  if (fault.reset === "in-body") {
    outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    outgoing.write('{"predictions":');
    outgoing.socket?.resetAndDestroy();
    return true;
  }
  if (fault.status === undefined && fault.body === undefined) return false;
  outgoing.writeHead(fault.status ?? 200, { "content-type": "application/json", ...fault.headers });
  outgoing.end(fault.body ?? "");
  return true;
}

function describe(path: string, options: MockPredictorOptions): ReturnType<typeof jsonResponse> {
  const route = matchRoute(path);
  switch (route?.kind) {
    case "server-metadata":
      return jsonResponse(200, {
        name: "mock",
        version: "1",
        extensions: options.extensions ?? ["binary_tensor_data"],
      });
    case "live":
      return jsonResponse(200, { live: true });
    case "ready":
      return jsonResponse(200, { ready: true });
    case "v1-model":
    case "model-ready":
      return jsonResponse(200, { name: route.model, ready: true });
    case "model-metadata":
      if (options.metadata !== undefined) return jsonResponse(200, { name: route.model, ...options.metadata });
      break;
    default:
  }
  throw new InferenceError(`no such route: ${path}`, { code: "not_found" });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
