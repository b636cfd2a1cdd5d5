import type { DetectorSpecification } from "../folder/detector-specification.ts";

/** What an image processor does where its file says nothing. */
export interface ProcessorDefaults {
  readonly size: number | Readonly<Record<string, number>>;
  readonly resample: "nearest" | "lanczos" | "bilinear" | "bicubic";
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Whether a size of one number is a square; else it is the shorter side. */
  readonly square: boolean;
  /** What is cut out of the middle. */
  readonly cropSize?: number;
  /** Whether it is by default; `never`: the member is not looked at. @default where there is a cropSize */
  readonly crops?: boolean | "never";
  /** `never`: the members are not looked at. @default true */
  readonly normalizes?: boolean | "never";
  /** Whether pictures of a request are filled up to the largest, with a mask. @default it cannot be asked for */
  readonly pads?: boolean;
  /** Whether channels become BGR. @default it cannot be asked for */
  readonly flips?: boolean;
  /** Who reads the size in a way of its own. */
  readonly sizing?: "convnext" | "detr" | "yolos" | "levit" | "poolformer" | "dpt";
  /** Of ConvNeXt and PoolFormer: which part of the resized picture the size is. */
  readonly cropShare?: number;
  /** EfficientNet: takes 1 away after rescaling by default, divides by the deviation once more. */
  readonly rescalesTwice?: boolean;
  /** Members that say nothing about pictures: about annotations and label maps. */
  readonly silent?: readonly string[];
  /** What its `post_process_object_detection` does. */
  readonly detector?: DetectorSpecification;
  /** Whether it has a `post_process_semantic_segmentation`, which all do alike. */
  readonly segments?: boolean;
}

const HALF = [0.5, 0.5, 0.5];
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const STANDARD = { mean: HALF, std: HALF };
const CLIP = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

const SQUARE = { size: { height: 224, width: 224 }, square: true } as const;
const SHORTER = { size: { shortest_edge: 224 }, square: false, cropSize: 224 } as const;
const MAPS = { silent: ["do_reduce_labels", "reduce_labels"], segments: true } as const;
const DETR: ProcessorDefaults = {
  ...{ ...IMAGENET, silent: ["format", "do_convert_annotations"], resample: "bilinear", square: false },
  ...{ size: { shortest_edge: 800, longest_edge: 1333 }, pads: true, sizing: "detr" },
};
/** Pairs of query and class, the best 100. */
const PAIRS = { head: "detr", activation: "sigmoid", top: 100 } as const;
const QUERIES = { head: "detr", activation: "softmax" } as const;

/** The image processors whose pixels are reproduced, without `ImageProcessor`. */
export const FAMILIES: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: { ...SQUARE, ...STANDARD, resample: "bilinear" },
  CLIP: { ...SHORTER, ...CLIP, resample: "bicubic" },
  ChineseCLIP: { ...SHORTER, ...CLIP, resample: "bicubic" },
  Bit: { ...SHORTER, ...CLIP, resample: "bicubic" },
  Siglip: { ...SQUARE, ...STANDARD, resample: "bicubic" },
  Blip: { ...SQUARE, ...CLIP, size: { height: 384, width: 384 }, resample: "bicubic" },
  DeiT: { ...SQUARE, ...STANDARD, size: { height: 256, width: 256 }, cropSize: 224, resample: "bicubic" },
  ConvNext: {
    ...{ ...STANDARD, size: { shortest_edge: 384 }, square: false, resample: "bicubic" },
    ...{ sizing: "convnext", cropShare: 224 / 256 },
  },
  MobileNetV1: { ...SHORTER, ...STANDARD, size: { shortest_edge: 256 }, resample: "bilinear" },
  MobileNetV2: { ...SHORTER, ...STANDARD, ...MAPS, size: { shortest_edge: 256 }, resample: "bilinear" },
  MobileViT: { ...SHORTER, ...STANDARD, ...MAPS, cropSize: 256, resample: "bicubic", normalizes: "never", flips: true },
  Pvt: { ...SQUARE, ...IMAGENET, resample: "bicubic" },
  Beit: { ...SQUARE, ...STANDARD, ...MAPS, resample: "bicubic", cropSize: 224, crops: false },
  Segformer: {
    ...{ ...IMAGENET, ...MAPS, size: { height: 512, width: 512 }, square: true, resample: "bilinear", crops: "never" },
  },
  EfficientNet: {
    ...{ ...STANDARD, size: { height: 346, width: 346 }, square: true, resample: "bicubic", cropSize: 289 },
    ...{ crops: false, rescalesTwice: true },
  },
  Levit: { ...SHORTER, ...IMAGENET, resample: "bicubic", sizing: "levit" },
  PoolFormer: { ...SHORTER, ...IMAGENET, resample: "bicubic", sizing: "poolformer", cropShare: 0.9 },
  DPT: {
    ...{
      ...SQUARE,
      ...STANDARD,
      size: { height: 384, width: 384 },
      resample: "bicubic",
      sizing: "dpt",
      segments: true,
    },
    silent: [...MAPS.silent, "size_divisor"],
  },
  Detr: { ...DETR, detector: QUERIES },
  Yolos: { ...DETR, sizing: "yolos", detector: QUERIES },
  ConditionalDetr: { ...DETR, detector: PAIRS },
  DeformableDetr: { ...DETR, detector: PAIRS },
  RTDetr: {
    ...{ ...DETR, size: { height: 640, width: 640 }, normalizes: false, pads: false },
    detector: { head: "detr", activation: "sigmoid" },
  },
};

/** Image processors that are known and not reproduced, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["OwlViT", "Owlv2", "GroundingDino"].map((name) => [name, "the model takes texts beside pictures"]),
  ),
  ...Object.fromEntries(
    ["Sam", "Sam2", "Sam3"].map((name) => [name, "the model takes points or boxes beside pictures"]),
  ),
  ...Object.fromEntries(
    ["RfDetr", "DINOv3ViT"].map((name) => [name, "it resizes floats after rescaling, which no step does"]),
  ),
  ...Object.fromEntries(
    ["MaskFormer", "Mask2Former", "OneFormer"].map((name) => [
      name,
      "its sizes are multiples of size_divisor, which no step gives, and masks by queries are not decoded",
    ]),
  ),
  GLPN: "its sizes are rounded down to multiples of size_divisor, which no step does",
  ...Object.fromEntries(
    ["LayoutLMv2", "LayoutLMv3"].map((name) => [name, "it reads the words of a page with Tesseract"]),
  ),
};
