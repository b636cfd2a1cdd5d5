import { createTensor, type InferResponse, type JsonValue, type Tensor } from "kserve-transformer";
import { createImagePipeline, type ImageModel, loadImageModel, type ScoreActivation } from "kserve-transformer/image";
import { topLabels } from "kserve-transformer/labels";
import { createDetector, isSuppressed } from "kserve-transformer/vision";
import { type Environment, readChoice, readLabels, readShare, unexpected } from "./configuration.ts";
import type { ImageFront } from "./transformer.ts";

/** What transformers' image-classification pipeline gives. */
const TOP = 5;

const INPUT_NAMES: Readonly<Record<ImageModel["kind"], string>> = {
  "hugging-face": "pixel_values",
  ultralytics: "images",
  timm: "input-0",
  torchvision: "input-0",
  keras: "input-0",
  pipeline: "input-0",
};

/**
 * A model whose folder says how its pictures are prepared.
 * @throws InferenceError that names the file and the member, or the variable.
 */
export async function createFolderFront(folder: string, env: Environment): Promise<ImageFront> {
  const backend = readChoice(env, "IMAGE_BACKEND", ["as_in_folder", "pillow", "torch"]);
  const model = await loadImageModel(folder, backend === "as_in_folder" ? {} : { backend });
  const pipeline = createImagePipeline(model.pipeline, model.file);
  const labels = env["MODEL_LABELS"] ? readLabels(env) : model.labels;
  return {
    loadOptions: pipeline.loadOptions,
    inputName: INPUT_NAMES[model.kind],
    prepare: async (name, images) => {
      const { tensor, pixelMask, geometry } = await pipeline.run(name, images);
      return { tensors: pixelMask === undefined ? [tensor] : [tensor, pixelMask], geometry };
    },
    respond: createRespond(model, labels, env),
  };
}

/** What becomes of the outputs; those of a model that is neither classifier nor known detector stay as they are. */
function createRespond(model: ImageModel, labels: readonly string[], env: Environment): ImageFront["respond"] {
  const top = readTop(env);
  const [scoreThreshold, iouThreshold] = [
    readShare(env, "IMAGE_SCORE_THRESHOLD"),
    readShare(env, "IMAGE_IOU_THRESHOLD"),
  ];
  if (model.detector !== undefined) {
    if (iouThreshold !== undefined && !isSuppressed(model.detector)) {
      throw unexpected(env, "IMAGE_IOU_THRESHOLD", "none, since the model's boxes need no suppression");
    }
    const detector = createDetector(model.detector, {
      labels,
      ...(scoreThreshold !== undefined && { scoreThreshold }),
      ...(iouThreshold !== undefined && { iouThreshold }),
    });
    return async (response, { geometry, signal }) =>
      response.withPredictions(await detector.detect(response, geometry, { signal }));
  }
  for (const name of ["IMAGE_SCORE_THRESHOLD", "IMAGE_IOU_THRESHOLD"]) {
    if (env[name]) throw unexpected(env, name, "none, since the folder is of no detector");
  }
  if (model.task === "classification" && labels.length > 0)
    return (response) => rank(response, labels, model.activation, top);
  return (response) => response;
}

/** `[{label, score}, …]` for each picture, best first. */
function rank(
  response: InferResponse,
  labels: readonly string[],
  activation: ScoreActivation,
  top: number,
): InferResponse {
  const hasLogits = response.outputs.some(({ name }) => name === "logits");
  const output = response.output(hasLogits ? "logits" : undefined);
  const scores = activation === "sigmoid" ? sigmoid(output) : output;
  const ranked = topLabels(scores, labels, { top, softmax: activation === "softmax" });
  return response.withPredictions(ranked as JsonValue[]);
}

function sigmoid({ name, shape, data }: Tensor): Tensor {
  const values = Float64Array.from(data as ArrayLike<number>, (logit) => 1 / (1 + Math.exp(-logit)));
  return createTensor(name, "FP64", shape, values);
}

function readTop(env: Environment): number {
  const value = env["IMAGE_TOP_K"];
  if (value === undefined || value === "") return TOP;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw unexpected(env, "IMAGE_TOP_K", "a whole number from 1 on");
  return Number(value);
}
