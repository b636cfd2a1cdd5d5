/** What an image processor does where its file says nothing. */
export interface ProcessorDefaults {
  readonly size: number | Readonly<Record<string, number>>;
  readonly resample: "nearest" | "lanczos" | "bilinear" | "bicubic";
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Whether a size of one number is a square; else it is the shorter side. */
  readonly square: boolean;
  /** Cut out of the middle by default. */
  readonly cropSize?: number;
  /** @default true */
  readonly normalizes?: boolean;
  /** ConvNeXt: the part of a resized picture that is cut out. */
  readonly cropShare?: number;
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

/** The image processors that are resize, crop, rescale and normalize and nothing else, without `ImageProcessor`. */
export const FAMILIES: Readonly<Record<string, ProcessorDefaults>> = {
  ViT: { ...SQUARE, ...STANDARD, resample: "bilinear" },
  CLIP: { ...SHORTER, ...CLIP, resample: "bicubic" },
  ChineseCLIP: { ...SHORTER, ...CLIP, resample: "bicubic" },
  Bit: { ...SHORTER, ...CLIP, resample: "bicubic" },
  Siglip: { ...SQUARE, ...STANDARD, resample: "bicubic" },
  Blip: { ...SQUARE, ...CLIP, size: { height: 384, width: 384 }, resample: "bicubic" },
  DeiT: { ...SQUARE, ...STANDARD, size: { height: 256, width: 256 }, cropSize: 224, resample: "bicubic" },
  ConvNext: { ...STANDARD, size: { shortest_edge: 384 }, square: false, resample: "bicubic", cropShare: 224 / 256 },
  MobileNetV1: { ...SHORTER, ...STANDARD, size: { shortest_edge: 256 }, resample: "bilinear" },
  Pvt: { ...SQUARE, ...IMAGENET, resample: "bicubic" },
};
