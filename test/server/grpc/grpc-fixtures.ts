import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import type { InferenceError } from "../../../src/errors.ts";
import type { WireMessage } from "../../../src/inference/content.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import type { ModelMetadata } from "../../../src/inference/model-metadata.ts";
import type { Logger, RequestContext } from "../../../src/inference/request-context.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createFunctionPredictor } from "../../../src/predictor/embedded/function-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { createModelServer } from "../../../src/server/create-app.ts";
import { GrpcServer } from "../../../src/server/grpc/grpc-server.ts";
import type { ModelServer } from "../../../src/server/model-server.ts";
import { createGrpcListener } from "../../../src/server/process/port-sharing.ts";
import type { ServerTls } from "../../../src/server/process/server-tls.ts";
import type { AppOptions } from "../../../src/server/serve-options.ts";
import type { ExchangeContext } from "../../../src/transformer/exchange-context.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

/** What a model sees of a call. */
export interface SeenCall {
  readonly message: WireMessage;
  readonly modelVersion: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type Respond = (request: InferRequest, call: SeenCall) => InferResponse | Promise<InferResponse>;

export interface EchoServer {
  readonly server: ModelServer;
  /** Everything that was logged. */
  readonly errors: InferenceError[];
  isReady: boolean;
  /** What the model's predictor says of it, and how often it was asked. */
  metadata: Pick<ModelMetadata, "inputs" | "outputs">;
  asked: number;
}

/** A server of the model "m" whose responses are given; by default its inputs. It is loaded by `runGrpc`. */
export function createEchoServer(
  respond: Respond = (request) => request.reply({ outputs: request.inputs }),
  options: AppOptions = {},
): EchoServer {
  const errors: InferenceError[] = [];
  const keep = (details: object): void => void ("err" in details && errors.push(details.err as InferenceError));
  const silent = createLogger({ level: "silent" });
  const log: Logger = Object.assign(Object.create(silent), { error: keep, debug: keep, child: () => log });
  class Echo extends Transformer {
    override readonly outputs = echo.metadata.outputs;

    override ready(): boolean {
      return echo.isReady;
    }

    override predict(request: InferRequest, context: RequestContext<undefined>) {
      const { headers } = (context as ExchangeContext).incoming;
      // The hook's own: where the server's clock is the first at a deadline, the call is answered, and nobody leaves.
      const { signal } = context;
      const message = request.source?.message ?? { headers: {}, body: [] };
      return respond(request, { message, modelVersion: request.modelVersion, headers, signal });
    }
  }
  const predictor: Predictor = {
    ...createFunctionPredictor(() => ({ outputs: [] })),
    metadata: async () => {
      echo.asked++;
      return { name: "m", ...echo.metadata };
    },
  };
  const echo: EchoServer = {
    server: createModelServer({ m: { transformer: Echo, predictor } }, { log, imageThreads: 0, ...options }),
    errors,
    isReady: true,
    metadata: {
      inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4] }],
      outputs: [{ name: "y", datatype: "BYTES", shape: [-1] }],
    },
    asked: 0,
  };
  return echo;
}

export interface RunningGrpc {
  readonly port: number;
  /** Calls in flight have `timeoutMs` to end. Safe to call twice. */
  close(timeoutMs: number): Promise<void>;
}

export interface RunOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default a free one */
  readonly port?: number;
  readonly tls?: ServerTls;
}

/** Models behind gRPC on a port of its own. */
export async function runGrpc(modelServer: ModelServer, options: RunOptions = {}): Promise<RunningGrpc> {
  const { host = "127.0.0.1", port = 0, tls } = options;
  const server = new GrpcServer(modelServer);
  const listener = createGrpcListener({ grpc: server, tls });
  listener.listen(port, host);
  await Promise.all([once(listener, "listening"), modelServer.registry.load()]);
  const closed = once(listener, "close");
  return {
    port: (listener.address() as AddressInfo).port,
    close: async (timeoutMs) => {
      if (listener.listening) listener.close();
      await server.close(timeoutMs);
      await closed;
      await modelServer.close();
    },
  };
}

export const SERVICE = "/inference.GRPCInferenceService";

export interface UnaryResult {
  readonly bytes: Buffer;
  readonly metadata: Metadata;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Calls a method with bytes; rejects with the status. */
export function callUnary(
  client: Client,
  path: string,
  bytes: Uint8Array,
  options: { readonly metadata?: Metadata; readonly deadline?: number; readonly signal?: AbortSignal } = {},
): Promise<UnaryResult> {
  return new Promise((resolve, reject) => {
    let initial: Metadata | undefined;
    const done = (error: ServiceError | null, answer?: Buffer): void => {
      if (error !== null || answer === undefined) reject(error);
      else resolve({ bytes: answer, metadata: initial as Metadata });
    };
    const { metadata, deadline } = options;
    const callOptions = deadline === undefined ? {} : { deadline };
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const call =
      metadata === undefined
        ? client.makeUnaryRequest(path, identity, identity, message, callOptions, done)
        : client.makeUnaryRequest(path, identity, identity, message, metadata, callOptions, done);
    call.on("metadata", (received) => {
      initial = received;
    });
    options.signal?.addEventListener("abort", () => call.cancel());
  });
}

/** Calls a method of the inference service with messages. */
export async function callMethod<In extends DescMessage, Out extends DescMessage>(
  client: Client,
  method: string,
  [input, output]: readonly [In, Out],
  init: MessageInitShape<In>,
  options: Parameters<typeof callUnary>[3] = {},
): Promise<MessageShape<Out>> {
  const { bytes } = await callUnary(client, `${SERVICE}/${method}`, toBinary(input, create(input, init)), options);
  return fromBinary(output, bytes);
}

export function connect(port: number): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
  });
}
