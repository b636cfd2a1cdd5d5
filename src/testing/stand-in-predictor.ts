import { InferenceError } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import { InferResponse, type ResponseInit, responseContentOf } from "../inference/infer-response.ts";
import type { InferOptions } from "../inference/inference-client.ts";
import { formatJson } from "../json/format-json.ts";
import { parseJson } from "../json/parse-json.ts";
import type { ForwardHandler, Predictor, ProxyRequest } from "../predictor/predictor.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { isJsonObject, type JsonObject } from "../tensor/json-value.ts";

/** Responds to a request, or is the response. */
export type StandIn = ((request: InferRequest) => ResponseInit | Promise<ResponseInit>) | ResponseInit;

/** A completion's response: one object, or the objects of a stream of events. */
export type CompletionStandIn = (body: JsonObject, path: string) => JsonObject | readonly JsonObject[];

export interface StandInOptions {
  /** A function, one response, several (one a call, the last one stays), or a real predictor. */
  readonly predictor: StandIn | readonly StandIn[] | Predictor;
  readonly completions: CompletionStandIn | undefined;
  /** Gets every request that is sent. */
  readonly sent: InferRequest[];
}

/** What stands behind a transformer in a test, and keeps what it was asked. */
export function createStandInPredictor({ predictor: given, completions, sent }: StandInOptions): Predictor {
  const responses = Array.isArray(given) ? (given as readonly StandIn[]) : undefined;
  const real = responses === undefined && isPredictor(given as object) ? (given as Predictor) : undefined;
  const proxy = completions === undefined ? real?.proxy?.bind(real) : createProxy(completions);
  return {
    description: real?.description ?? "test",
    ...(real?.modelName === undefined ? {} : { modelName: real.modelName }),
    ...(proxy === undefined ? {} : { proxy }),
    infer: async (request: InferRequest, options?: InferOptions) => {
      sent.push(request);
      if (real !== undefined) return real.infer(request, options);
      const next =
        responses === undefined ? (given as StandIn) : responses[Math.min(sent.length, responses.length) - 1];
      if (next === undefined) throw new InferenceError("no recorded response is left", { code: "internal" });
      const content = responseContentOf(typeof next === "function" ? await next(request) : next);
      return new InferResponse({ modelName: request.modelName, content });
    },
    ready: async (options) => (real === undefined ? true : real.ready(options)),
    metadata: async (options) => real?.metadata(options),
    close: async () => real?.close(),
  };
}

function isPredictor(value: object): value is Predictor {
  return "infer" in value && "metadata" in value;
}

function createProxy(completions: CompletionStandIn): NonNullable<Predictor["proxy"]> {
  return ({ path, body }: ProxyRequest, handler: ForwardHandler) => {
    const run = async (): Promise<void> => {
      const sent = parseJson(Buffer.concat(body), { maxDepth: DEFAULT_LIMITS.maxJsonDepth });
      if (!isJsonObject(sent)) throw new InferenceError("the completion's body is no JSON object");
      const made = completions(sent, path);
      const events = Array.isArray(made) ? (made as readonly JsonObject[]) : undefined;
      handler.head(200, { "content-type": events === undefined ? "application/json" : "text/event-stream" });
      const texts = events?.map((event) => `data: ${formatJson(event)}\n\n`) ?? [formatJson(made as JsonObject)];
      for (const text of events === undefined ? texts : [...texts, "data: [DONE]\n\n"]) handler.data(Buffer.from(text));
      handler.end();
    };
    run().catch((error: unknown) => handler.error(error));
    return { abort: () => undefined, resume: () => undefined };
  };
}
