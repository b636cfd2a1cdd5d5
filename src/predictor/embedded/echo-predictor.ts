import { InferenceError } from "../../errors.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { Predictor } from "../predictor.ts";

/**
 * For a transformer that is the whole model by its hooks (KServe #2379, a node of an InferenceGraph): the response is what
 * `preprocess` made, for `postprocess` to finish. `--predictor none` is this one.
 */
export function createEchoPredictor(): Predictor {
  return {
    description: "none",
    infer: async (request, options) => {
      if (options?.verb === "explain") {
        throw new InferenceError("explain is not implemented by this model", { code: "unimplemented" });
      }
      const content = { values: request.values, parameters: {}, members: {} };
      return new InferResponse({ modelName: request.modelName, content });
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
}
