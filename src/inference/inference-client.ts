import type { InferRequest } from "./infer-request.ts";
import type { InferResponse } from "./infer-response.ts";
import type { ModelMetadata } from "./model-metadata.ts";

export type Verb = "predict" | "explain";

/** What crossed to a predictor, or came back, byte for byte. */
export interface PredictorMessage {
  readonly direction: "request" | "response";
  /** v1, v2, grpc-v2, grpc-v1. */
  readonly protocol: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/** One call to the predictor for several requests. */
export interface Batch {
  readonly requests: number;
}

/** What a look-up in the cache of responses found: a kept one, one that is on its way for an equal request, or nothing. */
export type CacheOutcome = "hit" | "coalesced" | "miss";

/** Told of what stands between a request and its predictor. */
export interface InferListener {
  /** The request leaves as part of this call, after `waitedMs` for others. */
  batchJoined(batch: Batch, waitedMs: number): void;
  /** The cache was asked, which took so long. */
  cacheLookedUp(outcome: CacheOutcome, milliseconds: number): void;
}

export interface InferOptions {
  /** @default "predict" */
  readonly verb?: Verb;
  /** Ends the call when aborted. */
  readonly signal?: AbortSignal;
  /** Sent along, over those forwarded from the client. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * V2: the client's requested outputs travel along. Only right when nothing looks at the response afterwards; the pipeline
   * sets it. A body that asks for outputs is forwarded unread only with it. @default false
   */
  readonly forwardRequestedOutputs?: boolean;
  /** Told of the bytes on the wire, where there are any; an embedded model has none. */
  readonly observe?: ((message: PredictorMessage) => void) | undefined;
  readonly listener?: InferListener | undefined;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Public name of the model that is asked about. @default the only one that the predictor was made for */
  readonly modelName?: string;
}

/** What `context.predictor` is: a model to ask, wherever it runs and whatever it speaks. */
export interface InferenceClient {
  /** @throws InferenceError with the predictor's own status, or unavailable, deadline_exceeded, bad_gateway. */
  infer(request: InferRequest, options?: InferOptions): Promise<InferResponse>;
  /** True when the model answers that it is ready; false for every other response or none. */
  ready(options?: AskOptions): Promise<boolean>;
  /** What the model takes and gives; undefined where the predictor does not say (V1). Cached by the client. */
  metadata(options?: AskOptions): Promise<ModelMetadata | undefined>;
}
