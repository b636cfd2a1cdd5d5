/** How the outputs of a detector become boxes, as data. */
export type DetectorSpecification =
  /** `logits` and `pred_boxes` of transformers; `top` is the number of best pairs that Deformable and Conditional DETR keep. */
  | { readonly head: "detr"; readonly activation: "softmax" | "sigmoid"; readonly top?: number }
  /** One output of boxes by scores, which need NMS; `yolov5` is also v6. */
  | { readonly head: "yolov5" | "yolov7" }
  /** Ultralytics' export that does not say which: six numbers a box are end to end, everything else is yolov8. */
  | { readonly head: "ultralytics" }
  /** Boxes, scores and classes as outputs of their own: TensorFlow's Object Detection API, EfficientNMS. */
  | { readonly head: "tensorflow" | "tensorrt" }
  | MaskableSpecification;

/**
 * `yolov8`: one output of boxes by scores, which need NMS; also v9, v11 and v12. `end_to_end`: one output [pictures, boxes, 6] of a
 * model that did its own NMS, or needs none. `torchvision`: boxes, scores and labels as outputs of their own.
 */
export interface MaskableSpecification {
  readonly head: "yolov8" | "end_to_end" | "torchvision";
  /** Whether each box has a mask: a second output of prototypes, or torchvision's `masks`. @default false */
  readonly masks?: boolean;
}

/** Whether each box comes with a mask. */
export function hasMasks(specification: DetectorSpecification): specification is MaskableSpecification {
  return "masks" in specification && specification.masks === true;
}
