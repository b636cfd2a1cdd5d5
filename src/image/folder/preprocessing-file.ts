import { invalidArgument } from "../../errors.ts";
import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "../read/config-reader.ts";
import { readKerasPreprocessing } from "../read/keras.ts";
import { readTorchvisionTransforms } from "../read/torchvision.ts";
import { type DetectorSpecification, hasMasks } from "./detector-specification.ts";
import type { ImageModel, ImageTask, ScoreActivation } from "./image-model.ts";
import { assertMaskPipeline, readDetector } from "./read-detector.ts";
import { readLabels } from "./read-labels.ts";

const FORMS: readonly {
  readonly kind: "torchvision" | "keras" | "pipeline";
  readonly read: (value: unknown, place: string) => ImagePipelineSpecification;
  readonly activation: ScoreActivation;
}[] = [
  { kind: "torchvision", read: readTorchvisionTransforms, activation: "softmax" },
  // Classifiers of Keras end with their softmax.
  { kind: "keras", read: readKerasPreprocessing, activation: "none" },
  { kind: "pipeline", read: parseImagePipeline, activation: "none" },
];

/**
 * preprocessing.json, for models that come without a file of their own: one of `torchvision`, `keras` and `pipeline`, and
 * `labels`, `task`, `activation` and `detector` beside it.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readPreprocessingFile(value: unknown, file: string): ImageModel {
  const reader = createConfigReader(value, file, new Set(["$schema"]));
  const found = FORMS.map((form) => ({ ...form, value: reader.take(form.kind) })).filter(
    (form) => form.value !== undefined,
  );
  const [form, other] = found;
  if (form === undefined || other !== undefined) {
    const got = found.map(({ kind }) => kind).join(" and ") || "none of them";
    throw invalidArgument(`${file}: expected one of torchvision, keras and pipeline, got ${got}`);
  }
  const labels = readLabels(reader.take("labels"), `${file}: labels`);
  const preset = form.kind === "torchvision" ? (form.value as { transforms?: unknown }).transforms : undefined;
  const said = reader.take("detector");
  const listed: DetectorSpecification | undefined = preset === "ObjectDetection" ? { head: "torchvision" } : undefined;
  const detector = said === undefined ? listed : readDetector(said, `${file}: detector`);
  const byDetector = detector && (hasMasks(detector) ? "segmentation" : "detection");
  const byPreset = byDetector ?? (preset === "SemanticSegmentation" ? "segmentation" : "classification");
  const task = readChoice<ImageTask>(
    reader,
    "task",
    ["classification", "detection", "segmentation", "other"],
    byPreset,
  );
  const activation = readChoice<ScoreActivation>(reader, "activation", ["softmax", "sigmoid", "none"], form.activation);
  reader.finish();
  if (said !== undefined && task !== byDetector)
    throw reader.unexpected("task", `${byDetector}, since there is a detector`, task);
  const pipeline = form.read(form.value, `${file}: ${form.kind}`);
  if (detector !== undefined) assertMaskPipeline(detector, pipeline, file);
  return {
    kind: form.kind,
    file,
    pipeline,
    task,
    head: undefined,
    labels,
    activation,
    detector: task === byDetector ? detector : undefined,
  };
}

function readChoice<Choice extends string>(
  reader: ConfigReader,
  name: string,
  choices: readonly Choice[],
  byDefault: Choice,
): Choice {
  const got = reader.text(name, byDefault);
  const choice = choices.find((candidate) => candidate === got);
  if (choice === undefined) throw reader.unexpected(name, `one of ${choices.join(", ")}`, got);
  return choice;
}
