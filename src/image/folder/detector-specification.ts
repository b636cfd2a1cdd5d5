/** How the outputs of a detector become boxes, as data. */
export type DetectorSpecification =
  /** `logits` and `pred_boxes` of transformers; `top` is the number of best pairs that Deformable and Conditional DETR keep. */
  | { readonly head: "detr"; readonly activation: "softmax" | "sigmoid"; readonly top?: number }
  /** One output of boxes by scores, which need NMS; `yolov8` is also v9, v11 and v12, `yolov5` also v6. */
  | { readonly head: "yolov5" | "yolov7" | "yolov8" }
  /** One output [pictures, boxes, 6] of a model that did its own NMS, or needs none. */
  | { readonly head: "end_to_end" }
  /** Ultralytics' export that does not say which: six numbers a box are end to end, everything else is yolov8. */
  | { readonly head: "ultralytics" }
  /** Boxes, scores and classes as outputs of their own: torchvision, TensorFlow's Object Detection API, EfficientNMS. */
  | { readonly head: "torchvision" | "tensorflow" | "tensorrt" };
