import { InferenceError, invalidArgument } from "../errors.ts";
import type { DetectorSpecification } from "../image/folder/detector-specification.ts";
import type { ImageGeometry } from "../image/pipeline/geometry.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { type Detection, toDetections } from "./boxes/detections.ts";
import type { FoundBoxes } from "./boxes/found-boxes.ts";
import { decodeDetr } from "./heads/detr.ts";
import { decodeEndToEnd } from "./heads/end-to-end.ts";
import { decodeListed } from "./heads/listed.ts";
import { decodeYolo } from "./heads/yolo.ts";

export interface DetectorOptions {
  /** Names of the classes in the order of their numbers; without any the number is the label. */
  readonly labels?: readonly string[];
  /** Only scores above this, from 0 to 1. @default 0.25 for YOLO, else 0.5: what the libraries have */
  readonly scoreThreshold?: number;
  /** For heads that need NMS, from 0 to 1. @default 0.7 for yolov8, else 0.45 */
  readonly iouThreshold?: number;
}

export interface Detector {
  /** For people: `labelled boxes with a score above 0.5`. */
  readonly description: string;
  /**
   * What was found on each picture, best first.
   * @param geometry One a picture, as the pipeline's `run` gives them.
   * @throws InferenceError bad_gateway when the outputs are not what the head gives.
   */
  detect(
    response: InferResponse,
    geometry: readonly ImageGeometry[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Detection[][]>;
}

/** What a head's decoder is given beside the outputs. */
interface Limits {
  readonly scoreThreshold: number;
  readonly iouThreshold?: number;
  readonly signal?: AbortSignal;
}

const SUPPRESSED: ReadonlySet<DetectorSpecification["head"]> = new Set(["yolov5", "yolov7", "yolov8", "ultralytics"]);

/** Whether boxes of this head go through NMS, so that `iouThreshold` means something. */
export function isSuppressed({ head }: DetectorSpecification): boolean {
  return SUPPRESSED.has(head);
}

/**
 * Decodes the outputs of one model: `createDetector(model.detector, { labels: model.labels })`.
 * @throws InferenceError invalid_argument for thresholds that are no shares, and for `iouThreshold` where nothing is suppressed.
 */
export function createDetector(specification: DetectorSpecification, options: DetectorOptions = {}): Detector {
  const { head } = specification;
  const { labels = [], iouThreshold } = options;
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
  const limits = iouThreshold === undefined ? { scoreThreshold } : { scoreThreshold, iouThreshold };
  return {
    description: `labelled boxes on the original picture, best first, scores above ${scoreThreshold}`,
    detect: async (response, geometry, { signal } = {}) => {
      if (geometry.length === 0) return [];
      const found = await decode(response, specification, labels.length, signal ? { ...limits, signal } : limits);
      if (found.length !== geometry.length) {
        throw new InferenceError(
          `the predictor's outputs are of ${found.length} pictures, and ${geometry.length} were sent`,
          {
            code: "bad_gateway",
          },
        );
      }
      return found.map((boxes, index) => toDetections(boxes, geometry[index] as ImageGeometry, labels));
    },
  };
}

function decode(
  response: InferResponse,
  specification: DetectorSpecification,
  classes: number,
  limits: Limits,
): Promise<FoundBoxes[]> {
  switch (specification.head) {
    case "detr":
      return decodeDetr(response.output("logits"), response.output("pred_boxes"), { ...specification, ...limits });
    case "yolov5":
    case "yolov7":
    case "yolov8":
      return decodeYolo(response.output(), { head: specification.head, ...limits, ...(classes > 0 && { classes }) });
    case "end_to_end":
      return decodeEndToEnd(response.output(), limits);
    case "ultralytics": {
      const output = response.output();
      // Ultralytics looks at the same number.
      if (output.shape.at(-1) === 6) return decodeEndToEnd(output, limits);
      return decodeYolo(output, { head: "yolov8", ...limits, ...(classes > 0 && { classes }) });
    }
    case "torchvision":
    case "tensorflow":
    case "tensorrt":
      return decodeListed((name) => response.output(name), { form: specification.head, ...limits });
  }
}

function assertShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw invalidArgument(`${name}: expected a number from 0 to 1, got ${value}`);
}
