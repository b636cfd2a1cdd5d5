import { invalidArgument } from "../../errors.ts";
import type { ImagePipelineSpecification } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "../read/config-reader.ts";
import { type DetectorSpecification, hasMasks } from "./detector-specification.ts";

const HEADS = ["yolov5", "yolov7", "yolov8", "end_to_end", "torchvision", "tensorflow", "tensorrt"] as const;

const MASKABLE: readonly unknown[] = ["yolov8", "end_to_end", "torchvision"];

/**
 * The member `detector` of preprocessing.json: `{"head": "yolov5"}`, `{"head": "yolov8", "masks": true}`, or
 * `{"head": "detr", "activation": "sigmoid", "top": 100}`.
 * @throws InferenceError invalid_argument that names the member which is unknown or makes no sense.
 */
export function readDetector(value: unknown, place: string): DetectorSpecification {
  const reader = createConfigReader(value, place, new Set());
  const name = reader.text("head", "");
  const detector = name === "detr" ? readDetr(reader) : { head: HEADS.find((head) => head === name) };
  const masks = reader.flag("masks", false);
  reader.finish();
  if (detector.head === undefined) throw reader.unexpected("head", `one of detr, ${HEADS.join(", ")}`, name);
  if (!masks) return detector as DetectorSpecification;
  if (MASKABLE.includes(name)) return { ...detector, masks } as DetectorSpecification;
  throw reader.unexpected("masks", `false for ${name}; masks of ${MASKABLE.join(", ")} are decoded`, masks);
}

/**
 * Ultralytics finds the picture on the prototypes by the letterbox' arithmetic; torchvision's models resize pictures themselves.
 * @throws InferenceError invalid_argument for a pipeline that moves pixels otherwise.
 */
export function assertMaskPipeline(
  detector: DetectorSpecification,
  { steps }: ImagePipelineSpecification,
  file: string,
): void {
  if (!hasMasks(detector)) return;
  const still = ["rescale", "normalize", "flip_channels"];
  const moving = steps.map(({ step }) => step).filter((step) => !still.includes(step));
  const allowed = detector.head === "torchvision" ? [] : ["letterbox"];
  if (moving.join() === allowed.join()) return;
  const expected =
    allowed[0] === undefined ? "steps that move no pixels" : "one letterbox, and nothing else that moves pixels";
  throw invalidArgument(
    `${file}: detector: masks: of ${detector.head}: expected ${expected}, got ${moving.join(", ") || "none"}`,
  );
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
