import type { Tensor } from "kserve-transformer";
import { floats } from "./faults.ts";

/** Folders of models, and outputs of theirs that are right. */
export interface Kind {
  readonly files: Readonly<Record<string, object>>;
  /** With three labels; one thing is found. */
  readonly outputs: readonly Tensor[];
  /** What may be another than here: more boxes or less, sides of planes that nothing says; else a 502. */
  readonly free?: Readonly<Record<string, readonly string[]>>;
}

const LETTERBOX = { pipeline: { steps: [{ step: "letterbox", size: [64, 64] }], output: { layout: "NCHW" } } };
const own = (detector: object, rest: object = LETTERBOX) => ({ "preprocessing.json": { ...rest, detector } });
const exported = (task: string) => ({ "metadata.yaml": { task, imgsz: [64, 64], stride: 32 } });
const processor = (type: string, architecture: string) => ({
  "preprocessor_config.json": { image_processor_type: type, size: { height: 64, width: 64 } },
  "config.json": { architectures: [architecture] },
});

/** Boxes by members: centre, sides, perhaps objectness, three classes, extras. */
const ROWS = (members: number, ...rest: readonly number[]): number[][] =>
  [0, 1, 2, 3, 4, 5, 6].map((box) => {
    const row = [16 + box, 32, 20, 10, ...(box === 0 ? rest : rest.map((value) => value / 10))];
    return Array.from({ length: members }, (_, i) => row[i] ?? 0);
  });
const flipped = (rows: readonly number[][]): number[] =>
  (rows[0] ?? []).flatMap((_, member) => rows.map((row) => row[member] ?? 0));

const YOLOV8 = floats("output0", [1, 7, 7], flipped(ROWS(7, 0.1, 0.9, 0.2)));
const YOLOV5 = floats("output0", [1, 7, 8], ROWS(8, 1, 0.1, 0.9, 0.2).flat());
const ENDS = floats("output0", [1, 5, 6], [8, 28, 24, 36, 0.9, 1]);
const LISTED = (boxes: string, scores: string, classes: string, lead: readonly number[], box: readonly number[]) => [
  floats(boxes, [...lead, 5, 4], box),
  floats(scores, [...lead, 5], [0.9]),
  floats(classes, [...lead, 5], [1, 1, 1, 1, 1]),
];
const TORCHVISION = LISTED("boxes", "scores", "labels", [], [8, 8, 24, 24]);
const PLANES = floats("output1", [1, 2, 16, 16], Array(512).fill(1));

const BOXES = (axis: number): string[] => [`short along ${axis}`, `long along ${axis}`];
const LIST = [...BOXES(1), "empty along 1"];
const COUNT = ["of one dimension more", "of one dimension"];

export const KINDS: Readonly<Record<string, Kind>> = {
  yolov5: { files: own({ head: "yolov5" }), outputs: [YOLOV5], free: { output0: BOXES(1) } },
  yolov7: { files: own({ head: "yolov7" }), outputs: [YOLOV5], free: { output0: BOXES(1) } },
  yolov8: { files: own({ head: "yolov8" }), outputs: [YOLOV8], free: { output0: BOXES(2) } },
  "an export of Ultralytics": { files: exported("detect"), outputs: [YOLOV8], free: { output0: ["long along 2"] } },
  "an end-to-end export of Ultralytics": { files: exported("detect"), outputs: [ENDS], free: { output0: LIST } },
  end_to_end: { files: own({ head: "end_to_end" }), outputs: [ENDS], free: { output0: LIST } },
  DETR: {
    files: processor("DetrImageProcessor", "DetrForObjectDetection"),
    outputs: [
      floats("logits", [1, 5, 4], [0, 9, 0, 0, ...Array(4).fill([0, 0, 0, 9]).flat()]),
      floats("pred_boxes", [1, 5, 4], [0.5, 0.5, 0.2, 0.2]),
    ],
  },
  "RT-DETR": {
    files: processor("RTDetrImageProcessor", "RTDetrForObjectDetection"),
    outputs: [
      floats("logits", [1, 5, 3], [-9, 9, -9, ...Array(12).fill(-9)]),
      floats("pred_boxes", [1, 5, 4], [0.5, 0.5, 0.2, 0.2]),
    ],
  },
  "SSD of torchvision": {
    files: { "preprocessing.json": { torchvision: { transforms: "ObjectDetection" } } },
    outputs: TORCHVISION,
  },
  "SSD of TensorFlow": {
    files: own({ head: "tensorflow" }),
    outputs: [
      ...LISTED("detection_boxes", "detection_scores", "detection_classes", [1], [0.1, 0.1, 0.5, 0.5]),
      floats("num_detections", [1], [5]),
    ],
    free: { num_detections: COUNT },
  },
  EfficientNMS: {
    files: own({ head: "tensorrt" }),
    outputs: [
      ...LISTED("det_boxes", "det_scores", "det_classes", [1], [8, 8, 24, 24]),
      floats("num_dets", [1, 1], [5]),
    ],
    free: { num_dets: COUNT },
  },
  "masks of Ultralytics": {
    files: exported("segment"),
    outputs: [
      floats("output0", [1, 9, 11], flipped([...ROWS(9, 0.1, 0.9, 0.2, 1, 1), ...ROWS(9).slice(0, 4)])),
      PLANES,
    ],
    free: { output0: BOXES(2) },
  },
  "end-to-end masks": {
    files: own({ head: "end_to_end", masks: true }),
    outputs: [floats("output0", [1, 5, 8], [8, 28, 24, 36, 0.9, 1, 1, 1]), PLANES],
    free: { output0: LIST },
  },
  "Mask R-CNN": {
    files: own({ head: "torchvision", masks: true }, { torchvision: { transforms: "ObjectDetection" } }),
    outputs: [...TORCHVISION, floats("masks", [5, 1, 28, 28], Array(5 * 28 * 28).fill(1))],
    free: { masks: ["of one dimension more"] },
  },
  SegFormer: {
    files: processor("SegformerImageProcessor", "SegformerForSemanticSegmentation"),
    outputs: [
      floats(
        "logits",
        [1, 3, 8, 9],
        Array.from({ length: 216 }, (_, i) => i),
      ),
    ],
    free: { logits: ["transposed", ...BOXES(2), ...BOXES(3)] },
  },
};
