import type { Buffer } from "node:buffer";
import { connectivityState, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type InferenceError, invalidArgument } from "../../errors.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import { cancellation } from "../../policy/deadline.ts";
import { fromMetadata, toMetadata } from "../../policy/grpc-metadata.ts";
import { explainNotFound, predictorError } from "../predictor-failure.ts";
import { CountedClient, GrpcConnections } from "./connections.ts";
import { grpcFailure } from "./failure.ts";
import type { ResolvedGrpcPredictorOptions } from "./options.ts";

/** One unary call: bytes to bytes. */
export interface GrpcCallRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly message: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface GrpcCallResponse {
  readonly bytes: Buffer;
  /** What came before the message. */
  readonly metadata: Metadata | undefined;
}

export type GrpcCallDone = (error: InferenceError | undefined, response: GrpcCallResponse | undefined) => void;

/** Makes unary calls to one predictor; every failure is an InferenceError. */
export class GrpcCaller {
  readonly #options: ResolvedGrpcPredictorOptions;
  readonly #connections: GrpcConnections;
  #closed = false;

  constructor(options: ResolvedGrpcPredictorOptions) {
    this.#options = options;
    this.#connections = new GrpcConnections(options);
  }

  /** Starts a call; the function that comes back ends it, and `done` is then not called. */
  start(request: GrpcCallRequest, done: GrpcCallDone): () => void {
    const { address } = this.#options;
    if (this.#closed) {
      done(predictorError("closed", `predictor ${address}: called after close`), undefined);
      return () => undefined;
    }
    const sent = metadataOf(request);
    if (!(sent instanceof Metadata)) {
      done(sent, undefined);
      return () => undefined;
    }
    const ready = this.#connections.get();
    if (ready instanceof CountedClient) return this.#startOn(ready, request, sent, done);
    let cancel: (() => void) | undefined;
    let cancelled = false;
    ready.then(
      (client) => {
        if (!cancelled) cancel = this.#startOn(client, request, sent, done);
      },
      (error: unknown) => {
        if (!cancelled) done(predictorError("dns", `predictor ${address}: ${String(error)}`, error), undefined);
      },
    );
    return () => {
      cancelled = true;
      cancel?.();
    };
  }

  /** The same as a promise, which an aborted signal ends. */
  call(request: GrpcCallRequest, signal: AbortSignal | undefined): Promise<GrpcCallResponse> {
    if (signal?.aborted) return Promise.reject(cancellation(signal));
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        cancel();
        reject(cancellation(signal));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const cancel = this.start(request, (error, response) => {
        signal?.removeEventListener("abort", onAbort);
        if (response === undefined) reject(error);
        else resolve(response);
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#connections.close();
  }

  #startOn(counted: CountedClient, request: GrpcCallRequest, sent: Metadata, done: GrpcCallDone): () => void {
    const { client } = counted;
    const { path, message, timeoutMs } = request;
    const deadline = Date.now() + timeoutMs;
    let metadata: Metadata | undefined;
    let over = false;
    let connectTimer: NodeJS.Timeout | undefined;
    const finish = (error: InferenceError | undefined, response: GrpcCallResponse | undefined): void => {
      if (over) return;
      over = true;
      clearTimeout(connectTimer);
      done(error, response);
    };
    counted.enter();
    const onEnd = (error: ServiceError | null, bytes?: Buffer): void => {
      counted.leave();
      if (error === null && bytes !== undefined) finish(undefined, { bytes, metadata });
      else if (error !== null && !over)
        finish(this.#failure(error, metadata, timeoutMs, Date.now() >= deadline), undefined);
    };
    const call = client.makeUnaryRequest(path, same, same, message, sent, { deadline }, onEnd);
    call.on("metadata", (received) => {
      metadata = received;
    });
    const channel = client.getChannel();
    if (channel.getConnectivityState(true) !== connectivityState.READY) {
      const { connectTimeoutMs, address } = this.#options;
      connectTimer = setTimeout(() => {
        if (metadata !== undefined || channel.getConnectivityState(false) === connectivityState.READY) return;
        const detail = `predictor ${address}: no connection within ${connectTimeoutMs} ms`;
        finish(predictorError("timeout", detail, undefined, "no connection to the predictor in time"), undefined);
        call.cancel();
      }, connectTimeoutMs);
    }
    return () => {
      if (over) return;
      over = true;
      clearTimeout(connectTimer);
      call.cancel();
    };
  }

  #failure(error: ServiceError, metadata: Metadata | undefined, timeoutMs: number, late: boolean): InferenceError {
    if (error.code === status.UNAVAILABLE) void this.#connections.refresh();
    const { address, limits } = this.#options;
    return grpcFailure(error, {
      address,
      secrets: this.#connections.secrets,
      timeoutMs,
      maxResponseBytes: limits.maxResponseBytes,
      // A response that is nothing but a status brings its headers as the status's metadata.
      answered: metadata !== undefined || error.metadata.get("content-type").length > 0,
      late,
    });
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

/** An inference call; whoever observes it is told of the bytes both ways. */
export async function observedCall(
  caller: GrpcCaller,
  protocol: string,
  call: GrpcCallRequest,
  { observe, signal }: InferOptions,
  predictorModelName: string,
): Promise<Buffer> {
  const { path, headers, message } = call;
  observe?.({ direction: "request", protocol, path, headers, body: [message] });
  const { bytes, metadata } = await caller.call(call, signal).catch((error: unknown) => {
    throw explainNotFound(error, predictorModelName);
  });
  observe?.({
    direction: "response",
    protocol,
    path,
    headers: metadata === undefined ? {} : fromMetadata(metadata),
    body: [bytes],
  });
  return bytes;
}

/** What goes along, or what is wrong with it: such a header came from the client, whose place it names. */
function metadataOf({ headers }: GrpcCallRequest): Metadata | InferenceError {
  let failure: InferenceError | undefined;
  const metadata = toMetadata(headers, (name, fault) => {
    failure ??= invalidArgument(`header '${name}': expected base64, ${fault}`);
  });
  return failure ?? metadata;
}
