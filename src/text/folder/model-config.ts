import { z } from "zod";
import { InferenceError } from "../../errors.ts";
import { readConfig } from "../read-config.ts";
import type { Activation } from "../tasks/classification.ts";

/** What a text model does. */
export type TextTask = "sequence-classification" | "token-classification" | "question-answering" | "embeddings";

/** What config.json says that matters beside the model. */
export interface TextModelConfig {
  readonly task: TextTask;
  /** In the order of the model's outputs; empty where it has none. */
  readonly labels: readonly string[];
  readonly activation: Activation;
  /** Whether the model takes token_type_ids. */
  readonly hasTokenTypes: boolean;
  /** Positions that the model was made with; undefined where the file has none. */
  readonly maxPositions: number | undefined;
}

const TASKS: readonly (readonly [ending: RegExp, task: TextTask])[] = [
  [/ForSequenceClassification$/, "sequence-classification"],
  [/ForTokenClassification$/, "token-classification"],
  [/ForQuestionAnswering$/, "question-answering"],
  [/^(?!.*Heads?Model).*Model$/, "embeddings"],
];

/**
 * Reads a config.json of Hugging Face's transformers. Its other fields say how the model itself is built, which is the
 * predictor's matter.
 * @throws InferenceError unimplemented that names the architecture when it is not one of a text model with a task above.
 */
export function parseModelConfig(text: string, file: string): TextModelConfig {
  const config = readConfig(
    text,
    file,
    z.looseObject({
      architectures: z.array(z.string()).min(1),
      model_type: z.string(),
      id2label: z.record(z.string(), z.string()).optional(),
      problem_type: z.enum(["regression", "single_label_classification", "multi_label_classification"]).nullish(),
      type_vocab_size: z.number().optional(),
      max_position_embeddings: z.number().optional(),
    }),
  );
  const [architecture = ""] = config.architectures;
  const [, task] = TASKS.find(([ending]) => ending.test(architecture)) ?? [];
  if (task === undefined) {
    const message = `${file}: architectures: ${architecture} is not served; expected one for sequence or token classification, question answering or embeddings`;
    throw new InferenceError(message, { code: "unimplemented" });
  }
  const labels = task === "question-answering" || task === "embeddings" ? [] : readLabels(config.id2label, file);
  // RoBERTa's positions begin after the padding's.
  const reserved = /roberta|camembert|mpnet/.test(config.model_type) ? 2 : 0;
  const { max_position_embeddings: positions } = config;
  return {
    task,
    labels,
    activation: activationOf(config.problem_type, labels.length),
    hasTokenTypes: (config.type_vocab_size ?? 0) > 1,
    maxPositions: positions === undefined || positions < 1 ? undefined : positions - reserved,
  };
}

/** As Hugging Face's text-classification pipeline chooses it. */
function activationOf(problem: string | null | undefined, labels: number): Activation {
  if (problem === "regression") return "none";
  return problem === "multi_label_classification" || labels === 1 ? "sigmoid" : "softmax";
}

/** `{"0": "NEGATIVE", "1": "POSITIVE"}`; transformers' default are two labels. */
function readLabels(id2label: Readonly<Record<string, string>> | undefined, file: string): string[] {
  if (id2label === undefined) return ["LABEL_0", "LABEL_1"];
  const count = Object.keys(id2label).length;
  return Array.from({ length: count }, (_, index) => {
    const label = id2label[String(index)];
    if (label === undefined) {
      throw new InferenceError(`${file}: id2label.${index}: missing; expected the numbers 0 to ${count - 1}`);
    }
    return label;
  });
}
