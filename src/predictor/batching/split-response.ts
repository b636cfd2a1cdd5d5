import { InferenceError } from "../../errors.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { sliceTensor } from "../../tensor/concat-tensors.ts";

/**
 * The response to a joined request as one response for each part, in order.
 * @throws InferenceError bad_gateway when rows or first dimensions are not as many as those that were sent.
 */
export function splitResponse(response: InferResponse, counts: readonly number[]): readonly InferResponse[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { values, parameters, members } = response.content;
  const part = (from: number, to: number): InferResponse => {
    const empty = new InferResponse({
      modelName: response.modelName,
      modelVersion: response.modelVersion,
      content: { values, parameters, members },
    });
    if (values.native === "rows") return empty.withPredictions(values.rows().slice(from, to));
    return empty.withOutputs(values.tensors().map((tensor) => sliceTensor(tensor, from, to)));
  };
  const sizes =
    values.native === "rows" ? [values.rows().length] : values.tensors().map(({ shape }) => shape[0] ?? Number.NaN);
  if (sizes.some((size) => size !== total)) {
    throw new InferenceError(`the predictor's response has ${sizes.join(", ")} rows for ${total} that were sent`, {
      code: "bad_gateway",
    });
  }
  let from = 0;
  return counts.map((count) => {
    const response = part(from, from + count);
    from += count;
    return response;
  });
}
