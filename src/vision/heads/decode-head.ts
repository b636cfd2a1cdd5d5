import type { DetectorSpecification } from "../../image/folder/detector-specification.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { FoundBoxes } from "../boxes/found-boxes.ts";
import { decodeDetr } from "./detr.ts";
import { decodeEndToEnd } from "./end-to-end.ts";
import { decodeListed } from "./listed.ts";
import { decodeYolo } from "./yolo.ts";

/** What a head's decoder is given beside the outputs. */
export interface HeadLimits {
  readonly scoreThreshold: number;
  readonly iouThreshold?: number;
  /** How many labels there are: another number of classes, or a class beyond them, is an error. */
  readonly classes?: number;
  readonly signal?: AbortSignal;
}

/** The boxes of each picture, by the outputs that the head is said to have. */
export function decodeHead(
  response: InferResponse,
  specification: DetectorSpecification,
  limits: HeadLimits,
): Promise<FoundBoxes[]> {
  switch (specification.head) {
    case "detr":
      return decodeDetr(response.output("logits"), response.output("pred_boxes"), { ...specification, ...limits });
    case "yolov5":
    case "yolov7":
    case "yolov8":
      return decodeYolo(response.output(), { head: specification.head, ...limits });
    case "end_to_end":
      return decodeEndToEnd(response.output(), limits);
    case "ultralytics": {
      const output = response.output();
      // Ultralytics looks at the same number.
      if (output.shape.at(-1) === 6) return decodeEndToEnd(output, limits);
      return decodeYolo(output, { head: "yolov8", ...limits });
    }
    case "torchvision":
    case "tensorflow":
    case "tensorrt":
      return decodeListed((name) => response.output(name), { form: specification.head, ...limits });
  }
}
