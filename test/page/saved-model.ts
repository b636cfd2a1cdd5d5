import { createTensor, type InferRequest, type InferResponse, Transformer } from "kserve-transformer";

/** A transformer in a file of its own, for tests that the page saves. */
export default class LengthTransformer extends Transformer {
  static readonly examples = { two: [{ text: "one" }, { text: "three" }] };

  override preprocess(request: InferRequest): InferRequest {
    const lengths = request.instances.map((row) => (row as { text: string }).text.length);
    return request.withInputs([createTensor("length", "FP32", [lengths.length], Float32Array.from(lengths))]);
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions([...response.output("double", "FP32").data].map((double) => ({ double })));
  }
}
