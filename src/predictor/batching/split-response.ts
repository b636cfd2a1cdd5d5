import { InferenceError } from "../../errors.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { joinRowTexts } from "../../protocol/v1/join-row-texts.ts";
import { sliceTensor } from "../../tensor/concat-tensors.ts";

/**
 * The response to a joined request as one response for each part, in order. The rows of a V1 body stay as they were written.
 * @throws InferenceError bad_gateway when rows or first dimensions are not as many as those that were sent.
 */
export function splitResponse(response: InferResponse, counts: readonly number[]): readonly InferResponse[] {
  const { modelName, modelVersion, source } = response;
  const { values, parameters, members } = response.content;
  const texts = values.native === "rows" && source?.wire === "v1" ? values.rowTexts?.() : undefined;
  const rows = values.native === "rows" && texts === undefined ? values.rows() : [];
  const tensors = values.native === "tensors" ? values.tensors() : [];
  const sizes = values.native === "rows" ? [(texts?.rows ?? rows).length] : tensors.map(({ shape }) => shape[0]);
  assertSizes(sizes, counts);

  const part = (from: number, to: number): InferResponse => {
    if (texts !== undefined && source?.withBody !== undefined) {
      const body = joinRowTexts({ ...texts, rows: texts.rows.slice(from, to) });
      return new InferResponse({ modelName, modelVersion, content: source.withBody([body]) });
    }
    const empty = new InferResponse({ modelName, modelVersion, content: { values, parameters, members } });
    if (values.native === "rows") return empty.withPredictions(rows.slice(from, to));
    return empty.withOutputs(tensors.map((tensor) => sliceTensor(tensor, from, to)));
  };
  let from = 0;
  return counts.map((count) => {
    const response = part(from, from + count);
    from += count;
    return response;
  });
}

function assertSizes(sizes: readonly (number | undefined)[], counts: readonly number[]): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (sizes.every((size) => size === total)) return;
  const got = sizes.map((size) => size ?? "no").join(", ");
  throw new InferenceError(`the predictor's response has ${got} rows for ${total} that were sent`, {
    code: "bad_gateway",
  });
}
