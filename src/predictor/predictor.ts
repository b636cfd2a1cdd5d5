import type { WireForm, WireMessage } from "../inference/content.ts";
import type { InferenceClient, Verb } from "../inference/inference-client.ts";

/**
 * The seam to a backend. HTTP, gRPC, embedded ONNX Runtime and a function are siblings; all pass
 * `test/predictor/predictor-suite.ts`. Caching, retry and breaker are predictors around a predictor.
 */
export interface Predictor extends InferenceClient {
  /** What the start-up line calls it, without secrets: `v2 http://host:80`, `onnx ./clothing.onnx`. */
  readonly description: string;
  /** The name under which the predictor knows the model, where it is not the public one (KServe #2753). */
  readonly modelName?: string;
  /** True where responses are kept for equal requests; the model's configuration says so. */
  readonly cachesResponses?: boolean;
  /** Hands a body on unread, for predictors that speak a wire form themselves. */
  readonly forwarder?: Forwarder | undefined;
  /** Sends to any path of the predictor's server: generate and OpenAI routes, which are no inference on tensors. */
  readonly proxy?: (request: ProxyRequest, handler: ForwardHandler) => ForwardHandle;
  close(): Promise<void>;
}

export interface ProxyRequest {
  readonly method: "GET" | "POST";
  /** With query, below the predictor's own base path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/**
 * A body that is handed on while it comes. Reading may begin again, which ends the reading before, as long as nothing of it
 * was let go.
 */
export interface StreamedBody extends AsyncIterable<Uint8Array> {
  /** As its sender announced it. */
  readonly byteLength: number;
  /** False once the first bytes are gone. */
  readonly isWhole: boolean;
}

export interface ForwardRequest {
  readonly verb: Verb;
  readonly modelName: string;
  readonly modelVersion: string | undefined;
  /** Its body is empty where `stream` has it. */
  readonly message: WireMessage;
  readonly stream?: StreamedBody | undefined;
  /** Headers for the predictor, already chosen: forwarded ones, request id, trace context. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the request may take at most, where that is shorter than the predictor's own limit. */
  readonly timeoutMs?: number | undefined;
}

/** Called in this order: `head` once, `data` for each chunk, then `end`; or `error` once, before or after `head`. */
export interface ForwardHandler {
  /** Hop-by-hop headers are already gone. */
  head(status: number, headers: Record<string, string | string[]>): void;
  /** False asks for a pause; `resume` of the handle goes on. */
  data(chunk: Uint8Array): boolean;
  end(): void;
  /** An InferenceError by the table: unavailable, deadline_exceeded, bad_gateway. */
  error(error: unknown): void;
}

export interface ForwardHandle {
  /** Ends the call, for example when the client has left. */
  abort(): void;
  resume(): void;
}

/** The fast way for bytes that nobody looks at: no promise, no copy, no parse. */
export interface Forwarder {
  /** The wire form that the predictor speaks; only bodies of this form may be handed on. */
  readonly wire: WireForm;
  /** True when a body of this content may be handed on as it is (a binary V2 body needs a predictor that reads binary). */
  accepts(message: WireMessage): boolean;
  forward(request: ForwardRequest, handler: ForwardHandler): ForwardHandle;
}
