import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ErrorCode, STATUS } from "../../../src/errors.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createPlayground } from "../../../src/playground/playground.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { createApp } from "../../../src/server/create-app.ts";
import { serve } from "../../../src/server/serve.ts";
import type { AppOptions } from "../../../src/server/serve-options.ts";
import type { JsonObject } from "../../../src/tensor/json-value.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { type Backend, startBackend } from "./backend.ts";
import type { Answer, Ask } from "./clients.ts";
import type { Front } from "./fronts.ts";

/** No hook: bytes go through unread where they may. */
class Plain extends Transformer {}

/** Looks at both directions of everything. */
class Hooked extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request.withInstances(request.instances);
  }
  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions);
  }
  override preprocessCompletion = (body: JsonObject): JsonObject => ({ ...body });
  override postprocessCompletion = (body: JsonObject): JsonObject => ({ ...body });
  override postprocessChunk = (chunk: JsonObject): JsonObject => ({ ...chunk });
}

const log = createLogger({ level: "silent" });

/** A whole server with a predictor behind it, and one front to ask it by. */
export interface Guarded {
  readonly backend: Backend;
  readonly url: string;
  ask(options?: Ask): Promise<Answer>;
  /** As `ServerHandle.close`. */
  close(): Promise<void>;
}

export interface GuardedOptions extends AppOptions {
  /** What stands between the server and the backend. */
  readonly around?: (predictor: Predictor) => Predictor;
}

/** Runs with a server that has this guard; everything is closed afterwards. */
export async function withGuarded<T>(
  front: Front,
  { around = (predictor) => predictor, ...given }: GuardedOptions,
  run: (guarded: Guarded) => Promise<T>,
): Promise<T> {
  const backend = await startBackend();
  const { maxResponseBytes } = given.limits ?? {};
  const protocol = front.predictorProtocol;
  const predictor = around(createHttpPredictor({ host: backend.url, protocol, modelName: "m", maxResponseBytes }));
  const playground = front.page ? { playground: createPlayground() } : {};
  const options: AppOptions = { modelName: "m", log, predictor, imageThreads: 0, ...playground, ...given };
  const server = await (front.mounted ? mount(front, options) : listen(front, options));
  try {
    return await run({ backend, ...server, ask: (ask) => front.ask(server, ask) });
  } finally {
    backend.release();
    await server.close();
    await backend.close();
  }
}

interface Listening {
  readonly url: string;
  readonly grpcUrl: string;
  close(): Promise<void>;
}

const modelOf = ({ hooked }: Front) => (hooked ? Hooked : Plain);

async function listen(front: Front, options: AppOptions): Promise<Listening> {
  const server = await serve(modelOf(front), { host: "127.0.0.1", port: 0, ...options });
  await server.ready();
  return { url: server.url, grpcUrl: server.grpcUrl ?? "", close: () => server.close() };
}

async function mount(front: Front, options: AppOptions): Promise<Listening> {
  const app = createApp(modelOf(front), options);
  await app.ready();
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await app.close();
  };
  return { url, grpcUrl: "", close };
}

/** The status by which this front tells of an error. */
export function statusOf({ grpc }: Front, code: ErrorCode): string {
  return grpc ? (GRPC_NAMES[STATUS[code].grpc] ?? "") : String(STATUS[code].http);
}

const GRPC_NAMES: Readonly<Record<number, string>> = {
  1: "CANCELLED",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  8: "RESOURCE_EXHAUSTED",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED",
};

export function expectFine({ grpc }: Front, answer: Answer): void {
  expect(answer).toMatchObject({ status: grpc ? "OK" : "200", body: expect.stringContaining("one") });
}

/** Until something that another side does has happened. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(2);
}
