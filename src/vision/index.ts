export { type Detection, type DetectionBox, toDetections } from "./boxes/detections.ts";
export type { FoundBoxes } from "./boxes/found-boxes.ts";
export { type NmsBoxesOptions, nmsBoxes, nmsBoxesBatched } from "./boxes/opencv-nms.ts";
export { batchedNms, type NmsOptions, nms } from "./boxes/torchvision-nms.ts";
export { createDetector, type Detector, type DetectorOptions, isSuppressed } from "./detector.ts";
export { type DetrOptions, decodeDetr } from "./heads/detr.ts";
export { decodeEndToEnd, type EndToEndOptions } from "./heads/end-to-end.ts";
export { decodeListed, type ListedForm, type ListedOptions } from "./heads/listed.ts";
export { decodeYolo, type YoloHead, type YoloOptions } from "./heads/yolo.ts";
