import { InferenceError } from "../../errors.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse, type ResponseInit, responseContentOf } from "../../inference/infer-response.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { cancellation, untilAborted } from "../../policy/deadline.ts";
import type { Predictor } from "../predictor.ts";

type Responded = InferResponse | ResponseInit;

/** A model as a function: rows or tensors in, a response in one of its two views out. */
export type PredictorFunction = (request: InferRequest, options: InferOptions) => Responded | Promise<Responded>;

export interface FunctionPredictorOptions {
  /** What the start-up line calls it. @default "function", and the function's name */
  readonly description?: string | undefined;
  /** What the model takes and gives. @default unknown */
  readonly metadata?: ModelMetadata | undefined;
}

/**
 * A predictor that is a function in this process: a model in JavaScript, a rule, a stand-in for tests. What it throws is
 * thrown by `infer`; an InferenceError keeps its own status, everything else is an internal error.
 */
export function createFunctionPredictor(predict: PredictorFunction, options: FunctionPredictorOptions = {}): Predictor {
  let isClosed = false;
  return {
    description: options.description ?? `function ${predict.name}`.trim(),
    infer: async (request, inferOptions = {}) => {
      const { signal } = inferOptions;
      if (isClosed) throw new InferenceError("the predictor is closed", { code: "unavailable" });
      if (signal?.aborted) throw cancellation(signal);
      const response = await untilAborted(Promise.resolve(predict(request, inferOptions)), signal);
      if (InferResponse.isInstance(response)) return response;
      return new InferResponse({ modelName: request.modelName, content: responseContentOf(response) });
    },
    ready: async () => !isClosed,
    metadata: async () => options.metadata,
    close: async () => {
      isClosed = true;
    },
  };
}
