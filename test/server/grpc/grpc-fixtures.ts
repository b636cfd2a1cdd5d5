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
import { InferenceError } from "../../../src/errors.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { GrpcServer } from "../../../src/server/grpc/grpc-server.ts";
import type { GrpcBackend, GrpcInferCall } from "../../../src/server/grpc/service.ts";
import { createGrpcListener } from "../../../src/server/process/port-sharing.ts";
import type { ServerTls } from "../../../src/server/process/server-tls.ts";

export type Answer = (request: InferRequest, call: GrpcInferCall) => InferResponse | Promise<InferResponse>;

export interface FakeBackend extends GrpcBackend {
  readonly errors: InferenceError[];
  readonly loaded: Set<string>;
  isReady: boolean;
}

/** A backend of the model "m" whose answers are given; by default its inputs. */
export function createBackend(answer: Answer = (request) => request.reply({ outputs: request.inputs })): FakeBackend {
  const errors: InferenceError[] = [];
  const loaded = new Set(["m"]);
  const assertKnown = (name: string): void => {
    if (name !== "m") throw new InferenceError(`model '${name}' does not exist`, { code: "not_found" });
  };
  return {
    errors,
    loaded,
    isReady: true,
    serverMetadata: { name: "test", version: "1", extensions: ["parameters"] },
    async ready() {
      return this.isReady;
    },
    async modelReady(name) {
      assertKnown(name);
      return this.isReady;
    },
    async modelMetadata(name, version) {
      assertKnown(name);
      return {
        name,
        versions: version === undefined ? [] : [version],
        inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4] }],
        outputs: [{ name: "y", datatype: "BYTES", shape: [-1] }],
      };
    },
    async infer(call) {
      assertKnown(call.modelName);
      const request = grpcCodec.decodeRequest(call.message, { ...call, limits: DEFAULT_LIMITS });
      const response = await answer(request, call);
      return { message: grpcCodec.encodeResponse(response, { request }), headers: { "x-request-id": call.requestId } };
    },
    repositoryIndex: () => [
      { name: "m", state: "READY", reason: "" },
      { name: "other", state: "UNAVAILABLE", reason: "unloaded" },
    ],
    async load(name) {
      assertKnown(name);
      loaded.add(name);
    },
    async unload(name) {
      assertKnown(name);
      loaded.delete(name);
    },
    logError: (error) => errors.push(error),
  };
}

export interface RunningGrpc {
  readonly port: number;
  /** Calls in flight have `timeoutMs` to end. Safe to call twice. */
  close(timeoutMs: number): Promise<void>;
}

export interface RunOptions {
  /** @default 1000000 */
  readonly maxReceiveBytes?: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default a free one */
  readonly port?: number;
  readonly tls?: ServerTls;
}

/** A backend behind gRPC on a port of its own. */
export async function runGrpc(backend: GrpcBackend, options: RunOptions = {}): Promise<RunningGrpc> {
  const { maxReceiveBytes = 1_000_000, host = "127.0.0.1", port = 0, tls } = options;
  const server = new GrpcServer(backend, { maxReceiveBytes });
  const listener = createGrpcListener({ grpc: server, tls });
  listener.listen(port, host);
  await once(listener, "listening");
  const closed = once(listener, "close");
  return {
    port: (listener.address() as AddressInfo).port,
    close: async (timeoutMs) => {
      if (listener.listening) listener.close();
      await server.close(timeoutMs);
      await closed;
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
): Promise<MessageShape<Out>> {
  const { bytes } = await callUnary(client, `${SERVICE}/${method}`, toBinary(input, create(input, init)));
  return fromBinary(output, bytes);
}

export function connect(port: number): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
  });
}
