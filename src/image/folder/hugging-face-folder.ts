import { invalidArgument } from "../../errors.ts";
import { type HuggingFaceOptions, readHuggingFaceOutputs, readHuggingFaceProcessor } from "../read/hugging-face.ts";
import type { ImageModel, ImageTask, ScoreActivation } from "./image-model.ts";
import { readLabels } from "./read-labels.ts";

const TASKS: readonly (readonly [ending: RegExp, task: ImageTask])[] = [
  [/ForImageClassification(WithTeacher)?$/, "classification"],
  [/ForObjectDetection$/, "detection"],
  [/For(Semantic|Instance|Universal|Image)Segmentation$/, "segmentation"],
];

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
  // transformers writes no id2label where there are its two default labels.
  const labels = named.length === 0 && task === "classification" ? ["LABEL_0", "LABEL_1"] : named;
  const activation = activationOf(config, labels.length);
  const outputs = readHuggingFaceOutputs(processor, file);
  const detector = task === "detection" ? outputs.detector : undefined;
  const segmenter = outputs.segments && /ForSemanticSegmentation$/.test(head ?? "") ? "semantic" : undefined;
  return { kind: "hugging-face", file, pipeline, task, head, labels, activation, detector, segmenter };
}

/** As transformers' image-classification pipeline chooses it. */
function activationOf(config: Members | undefined, labels: number): ScoreActivation {
  const problem = config?.["problem_type"];
  if (problem === "regression") return "none";
  return problem === "multi_label_classification" || labels === 1 ? "sigmoid" : "softmax";
}
