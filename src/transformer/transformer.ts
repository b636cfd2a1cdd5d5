import { brandClass, hasBrand } from "../brand.ts";
import type { RowSchema } from "../inference/checks/standard-schema.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { InferenceClient } from "../inference/inference-client.ts";
import type { GuardedFetch, Logger, RequestContext } from "../inference/request-context.ts";
import type { JsonObject } from "../tensor/json-value.ts";
import type { TensorSpec } from "../tensor/tensor.ts";

/** What `load` gets: there is no request yet. */
export interface LoadContext {
  readonly modelName: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly predictor: InferenceClient;
  readonly fetch: GuardedFetch;
}

/** What a completion is asked of: OpenAI's routes, and V2's generate extension. */
export type CompletionEndpoint =
  | "chat/completions"
  | "completions"
  | "embeddings"
  | "rerank"
  | "generate"
  | "generate_stream";

/** The context of a completion; `request.members` is the client's body. */
export interface CompletionContext<State = unknown> extends RequestContext<State> {
  readonly endpoint: CompletionEndpoint;
}

/** The hooks that a request meets, in its order. */
export const REQUEST_HOOKS = [
  "preprocess",
  "predict",
  "explain",
  "postprocess",
  "preprocessCompletion",
  "postprocessCompletion",
  "postprocessChunk",
] as const;

/** The hooks by name: what a class has beside them is its own. */
export const HOOKS: readonly ("load" | "ready" | "createState" | (typeof REQUEST_HOOKS)[number] | "close")[] = [
  "load",
  "ready",
  "createState",
  ...REQUEST_HOOKS,
  "close",
];

type Awaitable<T> = T | Promise<T>;

/**
 * The class to extend. Every hook is optional, sync or async; presence means hooked, and what is not hooked costs nothing.
 *
 *     preprocess → predict (or the predictor) → postprocess
 *     preprocess → explain (or the predictor's :explain) → postprocess
 */
export abstract class Transformer<State = undefined> {
  static {
    brandClass(Transformer, "Transformer");
  }

  /** What clients send: types the column view, appears in the model's metadata, is checked. */
  declare readonly inputs?: readonly TensorSpec[];
  /** What clients get. */
  declare readonly outputs?: readonly TensorSpec[];
  /** What a row may be; the page's form and the API page are made from it. `request.rows` checks by what it is given. */
  declare readonly rowSchema?: RowSchema;
  /** Names of the columns of the vectors that `preprocess` makes, for the page's tables. */
  declare readonly featureNames?: readonly string[];

  /** Runs before the first request; the model is ready when it is done. */
  load?(context: LoadContext): Awaitable<void>;
  /**
   * Whether requests may come, asked by probes once `load` is done, beside the predictor's own health; false and what is
   * thrown mean no.
   */
  ready?(context: LoadContext): Awaitable<boolean>;
  /** Makes the state of one request, which its hooks share as `context.state`. */
  createState?(): State;
  /** Client's request → predictor's request; `request.reply(…)` responds at once. */
  preprocess?(request: InferRequest, context: RequestContext<State>): Awaitable<InferRequest | InferResponse>;
  /** Instead of the call to `context.predictor`: ensembles, fan-out, caches, fallbacks. */
  predict?(request: InferRequest, context: RequestContext<State>): Awaitable<InferResponse>;
  /** Instead of the predictor's `:explain`. */
  explain?(request: InferRequest, context: RequestContext<State>): Awaitable<InferResponse>;
  /** Predictor's response → client's response. */
  postprocess?(response: InferResponse, context: RequestContext<State>): Awaitable<InferResponse>;
  /** Body of a completion, chat, embeddings, rerank or generate call → the predictor's. */
  preprocessCompletion?(body: JsonObject, context: CompletionContext<State>): Awaitable<JsonObject>;
  /** The predictor's whole response → the client's; streams go through `postprocessChunk`. */
  postprocessCompletion?(body: JsonObject, context: CompletionContext<State>): Awaitable<JsonObject>;
  /** One server-sent event's JSON → the client's; undefined drops the event. */
  postprocessChunk?(chunk: JsonObject, context: CompletionContext<State>): Awaitable<JsonObject | undefined>;
  /** Runs once after the last request. */
  close?(): Awaitable<void>;

  /** True for a transformer of this or of another copy of the package. */
  static isInstance(value: unknown): value is Transformer<unknown> {
    return typeof value === "object" && hasBrand(value, "Transformer");
  }

  /** True for a class that extends Transformer, of this or of another copy of the package. */
  static isClass(value: unknown): value is new () => Transformer<unknown> {
    return typeof value === "function" && hasBrand(value, "Transformer");
  }
}

/** What a module's default export, called as a factory, gets: the only way environment reaches a transformer. */
export interface TransformerFactoryOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type TransformerFactory = (options: TransformerFactoryOptions) => Awaitable<Transformer<unknown>>;
