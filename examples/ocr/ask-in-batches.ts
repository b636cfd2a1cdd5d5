import type { InferRequest, Predictor, Tensor } from "kserve-transformer";
import type { TextBatch } from "./text-batches.ts";

/** Asks a model with all batches at once; what it says of each crop, in the order of the crops. */
export async function askInBatches<Said>(
  model: Predictor,
  batches: readonly TextBatch[],
  decode: (output: Tensor) => Said[],
  request: InferRequest,
  signal: AbortSignal,
): Promise<Said[]> {
  const responses = batches.map(({ tensor }) => model.infer(request.withInputs([tensor]), { signal }));
  const decoded = (await Promise.all(responses)).flatMap((response) => decode(response.output()));
  const said: Said[] = [];
  for (const [index, place] of batches.flatMap(({ places }) => places).entries()) said[place] = decoded[index] as Said;
  return said;
}
