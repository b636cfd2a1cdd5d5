import { InferenceError } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import { InferResponse } from "../inference/infer-response.ts";
import type { InferenceClient } from "../inference/inference-client.ts";

/**
 * The predictor of a transformer that has none (KServe #2379, a node of an InferenceGraph): what `preprocess` made is the
 * answer, for `postprocess` to finish.
 */
export function createAbsentPredictor(): InferenceClient {
  return {
    infer: async (request, options) => {
      if (options?.verb === "explain") {
        throw new InferenceError("explain is not implemented by this model", { code: "unimplemented" });
      }
      return answerFromRequest(request);
    },
    ready: async () => true,
    metadata: async () => undefined,
  };
}

function answerFromRequest(request: InferRequest): InferResponse {
  const { values } = request;
  return new InferResponse({ modelName: request.modelName, content: { values, parameters: {}, members: {} } });
}
