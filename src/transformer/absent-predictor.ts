import { InferenceError } from "../errors.ts";
import type { InferenceClient } from "../inference/inference-client.ts";

/** In the place of a predictor that nobody named: who asks it gets an error, never its own inputs back. */
export function createAbsentPredictor(modelName: string): InferenceClient {
  return {
    infer: async (_request, options) => {
      if (options?.verb === "explain") {
        throw new InferenceError("explain is not implemented by this model", { code: "unimplemented" });
      }
      const message = `model '${modelName}' has no predictor: name one with --predictor_host, or write predict (--predictor none: the hooks are the whole model)`;
      throw new InferenceError(message, { code: "unavailable" });
    },
    ready: async () => true,
    metadata: async () => undefined,
  };
}
