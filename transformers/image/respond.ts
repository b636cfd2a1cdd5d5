import { InferenceError, type InferResponse, type JsonValue } from "kserve-transformer";
import type { ImageModel, ScoreActivation } from "kserve-transformer/image";
import { sigmoid, topLabels } from "kserve-transformer/labels";
import { createDetector, createSegmenter, hasMasks, isSuppressed, type MaskForm } from "kserve-transformer/vision";
import { type Environment, readChoice, readShare, refuseSet, unexpected } from "./configuration.ts";
import type { ImageFront } from "./transformer.ts";

/** What transformers' image-classification pipeline gives. */
const TOP = 5;

type Respond = ImageFront["respond"];

/**
 * What becomes of the outputs; those of a model that is neither classifier nor known detector nor segmenter stay as they are.
 * @throws InferenceError that names a variable which makes no sense, or has nothing to say of this model.
 */
export function createRespond(model: ImageModel, labels: readonly string[], env: Environment): Respond {
  const classifies = model.task === "classification" && labels.length > 0;
  refuseIdle(env, ["IMAGE_TOP_K"], classifies, "classifier with labels");
  refuseIdle(env, ["IMAGE_SCORE_THRESHOLD", "IMAGE_IOU_THRESHOLD"], model.detector !== undefined, "detector");
  const masks = model.segmenter !== undefined || (model.detector !== undefined && hasMasks(model.detector));
  refuseIdle(env, ["IMAGE_MASKS"], masks, "model whose masks are decoded");
  if (model.detector !== undefined) return createDetect(model.detector, labels, env);
  if (model.segmenter !== undefined) return createSegment(labels, env);
  if (!classifies) return (response) => response;
  const top = readTop(env);
  return (response, { geometry }) => rank(response, labels, model.activation, top, geometry.length);
}

function refuseIdle(env: Environment, names: readonly string[], isUsed: boolean, of: string): void {
  if (!isUsed) refuseSet(env, names, `the folder is of no ${of}`);
}

const readMasks = (env: Environment): MaskForm => readChoice(env, "IMAGE_MASKS", ["rle", "png"]);

/** `[{label, score, box}, …]` for each picture, best first, each with its `mask` where the model has some. */
function createDetect(
  specification: NonNullable<ImageModel["detector"]>,
  labels: readonly string[],
  env: Environment,
): Respond {
  const [scoreThreshold, iouThreshold] = [
    readShare(env, "IMAGE_SCORE_THRESHOLD"),
    readShare(env, "IMAGE_IOU_THRESHOLD"),
  ];
  if (iouThreshold !== undefined && !isSuppressed(specification)) {
    throw unexpected(env, "IMAGE_IOU_THRESHOLD", "none, since the model's boxes need no suppression");
  }
  const detector = createDetector(specification, {
    labels,
    ...(scoreThreshold !== undefined && { scoreThreshold }),
    ...(iouThreshold !== undefined && { iouThreshold }),
    ...(hasMasks(specification) && { masks: readMasks(env) }),
  });
  return async (response, { geometry, signal }) =>
    response.withPredictions(await detector.detect(response, geometry, { signal }));
}

/** `[{label, mask}, …]` for each picture, in the order of the classes. */
function createSegment(labels: readonly string[], env: Environment): Respond {
  const segmenter = createSegmenter({ labels, masks: readMasks(env) });
  return async (response, { geometry, signal }) =>
    response.withPredictions(await segmenter.segment(response, geometry, { signal }));
}

/** `[{label, score}, …]` for each picture, best first. */
function rank(
  response: InferResponse,
  labels: readonly string[],
  activation: ScoreActivation,
  top: number,
  pictures: number,
): InferResponse {
  const hasLogits = response.outputs.some(({ name }) => name === "logits");
  const output = response.output(hasLogits ? "logits" : undefined);
  const scores = activation === "sigmoid" ? sigmoid(output) : output;
  const ranked = topLabels(scores, labels, { top, softmax: activation === "softmax" });
  if (ranked.length !== pictures) {
    throw new InferenceError(`output '${output.name}' is of ${ranked.length} pictures, and ${pictures} were sent`, {
      code: "bad_gateway",
    });
  }
  return response.withPredictions(ranked as JsonValue[]);
}

function readTop(env: Environment): number {
  const value = env["IMAGE_TOP_K"];
  if (value === undefined || value === "") return TOP;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw unexpected(env, "IMAGE_TOP_K", "a whole number from 1 on");
  return Number(value);
}
