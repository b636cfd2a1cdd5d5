import { InferenceError } from "../../errors.ts";
import { sigmoid, softmaxRow } from "../../tensor/activations.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { logitRows } from "./logit-rows.ts";

/** What turns logits into scores: softmax over the labels, a sigmoid for each label, or nothing (regression). */
export type Activation = "softmax" | "sigmoid" | "none";

export interface TextLabel {
  readonly [key: string]: string | number;
  readonly label: string;
  readonly score: number;
}

/**
 * The labels of each text, best first, from logits of shape [texts, labels]; Hugging Face's text-classification pipeline
 * with `top_k=None`. Computed in float64, where Python has float32.
 * @throws InferenceError bad_gateway when the model has another number of outputs than there are labels.
 */
export function classifyTexts(logits: Tensor, labels: readonly string[], activation: Activation): TextLabel[][] {
  const [, width] = logits.shape;
  if (logits.shape.length !== 2 || width !== labels.length) {
    const message = `output '${logits.name}': expected shape [texts, ${labels.length}], one a label, got [${logits.shape}]`;
    throw new InferenceError(message, { code: "bad_gateway" });
  }
  return logitRows(logits).map((row) =>
    activate(row, activation)
      .map((score, index): TextLabel => ({ label: labels[index] ?? "", score }))
      .sort((one, other) => other.score - one.score),
  );
}

function activate(row: readonly number[], activation: Activation): readonly number[] {
  if (activation === "none") return row;
  return activation === "softmax" ? softmaxRow(row) : row.map(sigmoid);
}
