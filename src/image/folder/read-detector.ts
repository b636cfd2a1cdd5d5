import { type ConfigReader, createConfigReader } from "../read/config-reader.ts";
import type { DetectorSpecification } from "./detector-specification.ts";

const HEADS = ["yolov5", "yolov7", "yolov8", "end_to_end", "torchvision", "tensorflow", "tensorrt"] as const;

/**
 * The member `detector` of preprocessing.json: `{"head": "yolov5"}`, or `{"head": "detr", "activation": "sigmoid", "top": 100}`.
 * @throws InferenceError invalid_argument that names the member which is unknown or makes no sense.
 */
export function readDetector(value: unknown, place: string): DetectorSpecification {
  const reader = createConfigReader(value, place, new Set());
  const name = reader.text("head", "");
  const detector = name === "detr" ? readDetr(reader) : { head: HEADS.find((head) => head === name) };
  reader.finish();
  if (detector.head === undefined) throw reader.unexpected("head", `one of detr, ${HEADS.join(", ")}`, name);
  return detector as DetectorSpecification;
}

function readDetr(reader: ConfigReader): DetectorSpecification {
  const activation = reader.text("activation", "");
  if (activation !== "softmax" && activation !== "sigmoid") {
    throw reader.unexpected("activation", "softmax or sigmoid", activation);
  }
  const top = reader.take("top");
  if (top === undefined) return { head: "detr", activation };
  if (typeof top === "number" && Number.isInteger(top) && top > 0) return { head: "detr", activation, top };
  throw reader.unexpected("top", "a whole number from 1 on", top);
}
