import type { WireMessage } from "./content.ts";
import type { InferRequest } from "./infer-request.ts";
import type { InferResponse } from "./infer-response.ts";
import type { Batch, CacheOutcome, PredictorMessage, Verb } from "./inference-client.ts";

export type StageName = "decode" | "preprocess" | "predict" | "explain" | "postprocess" | "encode" | "download";

/** One request on its way, as the listeners know it; the object is their key. */
export interface Exchange {
  readonly requestId: string;
  readonly modelName: string;
  readonly verb: Verb;
  /** Wire form of the client: v1, v2, grpc-v2, openai … */
  readonly protocol: string;
  readonly requestHeaders: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly responseHeaders: Record<string, string>;
}

/** How a request ended. */
export interface ExchangeOutcome {
  /** HTTP status, also for gRPC, where the code's HTTP status stands. */
  readonly status: number;
  readonly milliseconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly error?: unknown;
}

/** What a listener may look at on the way: each value as the next stage gets it. */
export type Observation =
  | { readonly of: "request"; readonly value: InferRequest }
  | { readonly of: "preprocess"; readonly value: InferRequest | InferResponse }
  | { readonly of: "predict" | "explain" | "postprocess"; readonly value: InferResponse }
  | { readonly of: "predictor"; readonly value: PredictorMessage };

/** A listener to the pipeline: metrics, tracing, logs and Server-Timing are written as such. It must not throw. */
export interface ExchangeListener {
  requestStarted?(exchange: Exchange): void;
  stageStarted?(exchange: Exchange, stage: StageName): void;
  stageEnded?(exchange: Exchange, stage: StageName, milliseconds: number, error?: unknown): void;
  /** Just before the response's head is written: the last moment for response headers. */
  responseStarting?(exchange: Exchange): void;
  requestEnded?(exchange: Exchange, outcome: ExchangeOutcome): void;
  /** A request begins (1) or ends (-1) to wait for its place. */
  queueChanged?(exchange: Exchange, change: 1 | -1): void;
  /** The request leaves as part of this call to the predictor, after `waitedMs` for others. */
  batchJoined?(exchange: Exchange, batch: Batch, waitedMs: number): void;
  /** The cache of responses was asked. */
  cacheLookedUp?(exchange: Exchange, outcome: CacheOutcome, milliseconds: number): void;
  /** The bodies and the HTTP status, when the exchange is over; a server with such a listener hands nothing on unread. */
  payload?(exchange: Exchange, request: WireMessage, response: WireMessage | undefined, status: number): void;
  /** Adds headers to a predictor call, for example a trace context. */
  predictorHeaders?(exchange: Exchange, headers: Record<string, string>): void;
  /** Adds to every log line of the request, for example its trace id. */
  logBindings?(exchange: Exchange): Record<string, string>;
  /** Bytes of an image or another file that a hook downloaded. */
  downloaded?(exchange: Exchange | undefined, bytes: number, milliseconds: number, error?: unknown): void;
  /** The values themselves; kept, they hold the request's memory. */
  observed?(exchange: Exchange, observation: Observation): void;
}
