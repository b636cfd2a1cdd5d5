import { invalidArgument } from "../../errors.ts";
import { type HuggingFaceOptions, readHuggingFaceOutputs, readHuggingFaceProcessor } from "../read/hugging-face.ts";
import type { ImageModel, ImageTask, ScoreActivation } from "./image-model.ts";
import { readLabels } from "./read-labels.ts";

const TASKS: readonly (readonly [ending: RegExp, task: ImageTask])[] = [
  [/ForImageClassification(WithTeacher)?$/, "classification"],
  [/ForObjectDetection$/, "detection"],
  [/For(Semantic|Instance|Universal|Image)Segmentation$/, "segmentation"],
];

/** As many as the widest of models have, and more. */
const MOST_LABELS = 1_000_000;

type Members = Readonly<Record<string, unknown>>;

/** preprocessor_config.json says how pictures are prepared, config.json what the model does. */
export function readHuggingFaceFolder(
  processor: unknown,
  config: Members | undefined,
  backend: HuggingFaceOptions["backend"],
): ImageModel {
  const file = "preprocessor_config.json";
  const pipeline = readHuggingFaceProcessor(processor, backend === undefined ? { file } : { file, backend });
  const architectures = config?.["architectures"] ?? undefined;
  if (architectures !== undefined && !(Array.isArray(architectures) && typeof architectures[0] === "string")) {
    throw invalidArgument(
      `config.json: architectures: expected a list of names, got ${JSON.stringify(architectures).slice(0, 80)}`,
    );
  }
  const head: string | undefined = architectures?.[0];
  const task = TASKS.find(([ending]) => head !== undefined && ending.test(head))?.[1] ?? "other";
  const named = readLabels(config?.["id2label"], "config.json: id2label");
  const outputs = readHuggingFaceOutputs(processor, file);
  const detector = task === "detection" ? outputs.detector : undefined;
  const segmenter = outputs.segments && /ForSemanticSegmentation$/.test(head ?? "") ? "semantic" : undefined;
  const isLabelled = task === "classification" || detector !== undefined || segmenter !== undefined;
  const labels = named.length === 0 && isLabelled ? defaultLabels(config) : named;
  const activation = activationOf(config, labels.length);
  return { kind: "hugging-face", file, pipeline, task, head, labels, activation, detector, segmenter };
}

/** transformers writes no id2label where its labels are LABEL_0, LABEL_1 and so on, two of them where no number is said. */
function defaultLabels(config: Members | undefined): string[] {
  const count = config?.["num_labels"] ?? 2;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > MOST_LABELS) {
    throw invalidArgument(`config.json: num_labels: expected a whole number from 1 on, got ${JSON.stringify(count)}`);
  }
  return Array.from({ length: count }, (_, index) => `LABEL_${index}`);
}

/** As transformers' image-classification pipeline chooses it. */
function activationOf(config: Members | undefined, labels: number): ScoreActivation {
  const problem = config?.["problem_type"];
  if (problem === "regression") return "none";
  return problem === "multi_label_classification" || labels === 1 ? "sigmoid" : "softmax";
}
