import { InferenceError, invalidArgument } from "../errors.ts";
import { type DetectorSpecification, hasMasks } from "../image/folder/detector-specification.ts";
import type { ImageGeometry } from "../image/pipeline/geometry.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { type Detection, toDetections } from "./boxes/detections.ts";
import type { FoundBoxes } from "./boxes/found-boxes.ts";
import { decodeHead } from "./heads/decode-head.ts";
import { decodeMasked } from "./heads/masked.ts";
import { assertMaskForm, MASK_FORMS, type MaskForm } from "./masks/instance-mask.ts";
import { toInstances } from "./masks/to-instances.ts";

export interface DetectorOptions {
  /** Names of the classes in the order of their numbers; without any the number is the label. */
  readonly labels?: readonly string[];
  /** Only scores above this, from 0 to 1. @default 0.25 for YOLO, else 0.5: what the libraries have */
  readonly scoreThreshold?: number;
  /** For heads that need NMS, from 0 to 1. @default 0.7 for yolov8, else 0.45 */
  readonly iouThreshold?: number;
  /** How masks are written, where the specification has some. @default "rle" */
  readonly masks?: MaskForm;
}

export interface Detector {
  /** For people: `labelled boxes with a score above 0.5`. */
  readonly description: string;
  /**
   * What was found on each picture, best first; each an `Instance` where the specification has masks.
   * @param geometry One a picture, as the pipeline's `run` gives them.
   * @throws InferenceError bad_gateway when the outputs are not what the head gives; payload_too_large for masks of more than
   *   4,294,967,296 pixels together.
   */
  detect(
    response: InferResponse,
    geometry: readonly ImageGeometry[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Detection[][]>;
}

const SUPPRESSED: ReadonlySet<DetectorSpecification["head"]> = new Set(["yolov5", "yolov7", "yolov8", "ultralytics"]);

/** Whether boxes of this head go through NMS, so that `iouThreshold` means something. */
export function isSuppressed({ head }: DetectorSpecification): boolean {
  return SUPPRESSED.has(head);
}

/**
 * Decodes the outputs of one model: `createDetector(model.detector, { labels: model.labels })`.
 * @throws InferenceError invalid_argument for thresholds that are no shares, for `iouThreshold` where nothing is suppressed, and for
 *   `masks` where there are none.
 */
export function createDetector(specification: DetectorSpecification, options: DetectorOptions = {}): Detector {
  const { head } = specification;
  const { labels = [], iouThreshold, masks = "rle" } = options;
  const scoreThreshold = options.scoreThreshold ?? (isSuppressed(specification) || head === "end_to_end" ? 0.25 : 0.5);
  assertShare("scoreThreshold", scoreThreshold);
  if (iouThreshold !== undefined) {
    assertShare("iouThreshold", iouThreshold);
    if (!isSuppressed(specification)) {
      throw invalidArgument(
        `iouThreshold: expected none, since outputs of ${head} are not suppressed; got ${iouThreshold}`,
      );
    }
  }
  assertMaskForm(masks);
  const isMasked = hasMasks(specification);
  if (options.masks !== undefined && !isMasked) {
    throw invalidArgument(`masks: expected none, since outputs of ${head} have no masks; got '${masks}'`);
  }
  const limits = {
    scoreThreshold,
    ...(iouThreshold !== undefined && { iouThreshold }),
    ...(labels.length > 0 && { classes: labels.length }),
  };
  const what = isMasked ? `boxes and masks (${MASK_FORMS[masks]})` : "boxes";
  return {
    description: `labelled ${what} on the original picture, best first, scores above ${scoreThreshold}`,
    detect: async (response, geometry, { signal } = {}) => {
      if (geometry.length === 0) return [];
      const bounded = signal === undefined ? limits : { ...limits, signal };
      if (isMasked) {
        const masked = await decodeMasked(response, specification, bounded);
        assertPictures(response, masked.found, geometry);
        return toInstances(masked, geometry, labels, masks);
      }
      const found = await decodeHead(response, specification, bounded);
      assertPictures(response, found, geometry);
      return found.map((boxes, index) => toDetections(boxes, geometry[index] as ImageGeometry, labels));
    },
  };
}

function assertPictures(
  { outputs }: InferResponse,
  found: readonly FoundBoxes[],
  geometry: readonly ImageGeometry[],
): void {
  if (found.length === geometry.length) return;
  const names = outputs.map(({ name }) => `'${name}'`).join(", ");
  throw new InferenceError(
    `${outputs.length === 1 ? `output ${names} is` : `outputs ${names} are`} of ${found.length} pictures, and ${geometry.length} were sent`,
    { code: "bad_gateway" },
  );
}

function assertShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw invalidArgument(`${name}: expected a number from 0 to 1, got ${value}`);
}
