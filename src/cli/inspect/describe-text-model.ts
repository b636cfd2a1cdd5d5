import { loadTextModel } from "../../text/index.ts";
import { type FolderDescription, formatLabels } from "./description.ts";

/** @throws InferenceError that names the file and the field which cannot be reproduced. */
export async function describeTextModel(folder: string): Promise<FolderDescription> {
  const model = await loadTextModel(folder);
  const { task, labels, activation, maxLength, padding, truncationSide, pooling, hasTokenTypes } = model;
  const isClassifier = task === "sequence-classification" || task === "token-classification";
  const inputs = ["input_ids", "attention_mask", ...(hasTokenTypes ? ["token_type_ids"] : [])];
  return {
    json: { task, labels, activation, maxLength, padding, truncationSide, pooling, inputs },
    rows: [
      ["task", task],
      [
        "longest text",
        maxLength === undefined ? "not bounded" : `${maxLength} tokens, cut off at the ${truncationSide}`,
      ],
      ["padding", `${padding.token} (${padding.id}) on the ${padding.side ?? "right"}`],
      ["inputs", `${inputs.join(", ")}, where the predictor names none`],
      ...(isClassifier ? ([["labels", formatLabels(labels)]] as const) : []),
      ...(task === "sequence-classification" ? ([["scores", activation]] as const) : []),
      ...(pooling === undefined
        ? []
        : ([["pooling", `${pooling.pooling}${pooling.normalize ? ", normalized" : ""}`]] as const)),
    ],
  };
}
