import { loadTextModel, type TextTask } from "../../text/index.ts";
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
        maxLength === undefined ? "not bounded" : `${maxLength} tokens; ${describeLonger(task, truncationSide)}`,
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

/** What becomes of a text that is longer, where TEXT_TRUNCATION says nothing. */
function describeLonger(task: TextTask, side: string): string {
  if (task === "question-answering") return "longer contexts are read in windows";
  return task === "embeddings"
    ? `longer texts are cut off at the ${side}`
    : `longer texts are refused, or cut off at the ${side} with TEXT_TRUNCATION=true`;
}
