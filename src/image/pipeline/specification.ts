import type { PillowVersion, Resample } from "../image.ts";

/** How pictures become the tensor that a model was trained on, as data: the JSON form is the same. */
export interface ImagePipelineSpecification {
  readonly version: 1;
  readonly decode: DecodeSpecification;
  /** In the order in which they run; rescale and normalize come after every other. */
  readonly steps: readonly ImageStep[];
  readonly output: OutputSpecification;
}

export interface DecodeSpecification {
  /** Pillow's `convert(mode)`. */
  readonly mode: "RGB" | "L";
  /** `exif`: turned as the EXIF orientation says; `ignore`: as Pillow opens it. */
  readonly orientation: "exif" | "ignore";
  /** Whose pixels a file gets: Pillow's, or those of TensorFlow's decode_image, which reads fewer kinds and knows no orientation. */
  readonly decoder: "pillow" | "tensorflow";
}

export interface OutputSpecification {
  readonly layout: "NHWC" | "NCHW";
  readonly datatype: "FP32" | "FP16" | "UINT8";
  /** Fills smaller pictures up to the largest of a request or to one size, to the right and below. */
  readonly batch?: BatchSpecification | undefined;
}

export interface BatchSpecification {
  /** In the units of the tensor, after rescale and normalize. */
  readonly value: number;
  /** Height and width are rounded up to a multiple of this. */
  readonly multiple: number;
  /** Filled up to this, and not to the largest; a larger picture is an error. */
  readonly size?: Size | undefined;
}

/** What resizes, with the names that its kernels have there. */
export type ResampleSpecification =
  | {
      readonly backend: "pillow";
      readonly resample: Resample;
      readonly pillow: PillowVersion;
      /** Reduces a much larger picture by whole factors first, as Pillow's argument of this name does. */
      readonly reducing_gap?: number | undefined;
    }
  | {
      readonly backend: "tensorflow";
      readonly resample: "nearest" | "bilinear" | "bicubic" | "area" | "lanczos3" | "lanczos5";
      readonly antialias: boolean;
    }
  | { readonly backend: "opencv"; readonly resample: "nearest" | "linear" | "cubic" | "area" | "lanczos4" }
  | {
      readonly backend: "torch";
      readonly resample: "nearest" | "nearest-exact" | "bilinear" | "bicubic" | "lanczos";
      readonly antialias: boolean;
    };

/** Which size a picture is resized to, in pixels. */
export type TargetSize =
  /** Stretched. */
  | { readonly fit: "stretch"; readonly size: Size }
  /** torchvision's Resize(side, max_size): proportions kept, the other side cut off to whole pixels. */
  | { readonly fit: "shorter_side"; readonly side: number; readonly longest?: number | undefined }
  /** Proportions kept, the other side cut off or rounded half to even. */
  | { readonly fit: "longer_side"; readonly side: number; readonly rounding: "truncate" | "half_even" }
  /** Hugging Face's shortest_edge and longest_edge: the shorter side, as long as the longer one stays within `longest`. */
  | {
      readonly fit: "edges";
      readonly shortest: number;
      readonly longest: number;
      /** Both sides are rounded down to a multiple of this, as YOLOS does with 16. */
      readonly multiple?: number | undefined;
    }
  /** The largest size within both, proportions kept: cut off (Hugging Face's max_height and max_width) or half even (timm's border). */
  | { readonly fit: "within"; readonly size: Size; readonly rounding: "truncate" | "half_even" }
  /** DPT's: `size`, or with `proportions` the scale of the side that changes less; each side half even to a whole multiple. */
  | { readonly fit: "multiples"; readonly size: Size; readonly multiple: number; readonly proportions: boolean }
  /** The smallest size that covers both, proportions kept, rounded half to even. */
  | { readonly fit: "cover"; readonly size: Size }
  /** timm's crop_pct: `size` divided by the share is covered, so that a crop to `size` leaves that share of it. */
  | { readonly fit: "crop_percentage"; readonly size: Size; readonly share: number }
  /** The middle part of the size's proportions, stretched: Keras' keep_aspect_ratio and crop_to_aspect_ratio. */
  | { readonly fit: "middle"; readonly size: Size }
  /** Pillow's thumbnail: the largest size within both, by its own rounding; smaller pictures stay as they are. */
  | { readonly fit: "thumbnail"; readonly size: Size };

export type Size = readonly [height: number, width: number];
type Colour = readonly number[];

export type ResizeStep = { readonly step: "resize"; readonly to: TargetSize; readonly with: ResampleSpecification };

/** Cuts `size` out of the middle; what is missing of a smaller picture is filled with `value`. */
export interface CropStep {
  readonly step: "crop";
  readonly size: Size;
  /** How an odd margin is halved: down (Hugging Face, Keras) or as Python's round does (torchvision). */
  readonly margin: "floor" | "half_even";
  /** How an odd gap is halved on the side before a smaller picture: down (torchvision), or up (Hugging Face's Pillow backend). */
  readonly gap: "floor" | "ceil";
  /** One value, or one a channel. */
  readonly value: Colour;
}

/** Fills up to `size`, or to a square, or to multiples. */
export interface PadStep {
  readonly step: "pad";
  readonly to: { readonly size: Size } | { readonly square: true } | { readonly multiple: number };
  /** `corner`: to the right and below; `centre`: to all sides, the odd pixel to the right and below. */
  readonly place: "corner" | "centre";
  /** One value, or one a channel. */
  readonly value: Colour;
}

/** Ultralytics' LetterBox: proportions kept, the rest filled. */
export interface LetterboxStep {
  readonly step: "letterbox";
  readonly size: Size;
  /** `false`: filled to the next multiple of `stride` and not to `size` (Ultralytics' `auto`). */
  readonly fill: boolean;
  readonly stride: number;
  /** Whether smaller pictures are enlarged. */
  readonly enlarge: boolean;
  readonly value: Colour;
}

/** RGB to BGR. */
export interface FlipChannelsStep {
  readonly step: "flip_channels";
}

/** value × factor / divisor + offset. */
export interface RescaleStep {
  readonly step: "rescale";
  readonly factor: number;
  readonly divisor: number;
  readonly offset: number;
  /** Of the product; the result is a float32. */
  readonly precision: "float32" | "float64";
}

/** (value - mean) / std, in float32; one a channel, in the order that the channels have then. */
export interface NormalizeStep {
  readonly step: "normalize";
  readonly mean: Colour;
  readonly std: Colour;
}

export type SpatialStep = ResizeStep | CropStep | PadStep | LetterboxStep | FlipChannelsStep;
export type ValueStep = RescaleStep | NormalizeStep;
export type ImageStep = SpatialStep | ValueStep;

/** What may be written: members with a default may be left out. */
export interface ImagePipelineInput {
  readonly version?: 1;
  readonly decode?: Partial<DecodeSpecification>;
  readonly steps: readonly StepInput[];
  readonly output?: Partial<Omit<OutputSpecification, "batch">> & {
    readonly batch?: Partial<BatchSpecification> | undefined;
  };
}

type Optional<Value, Key extends PropertyKey> = Value extends unknown
  ? Omit<Value, Key> & Partial<Pick<Value, Key & keyof Value>>
  : never;

export type StepInput =
  | {
      readonly step: "resize";
      readonly to: Optional<TargetSize, "rounding" | "proportions">;
      readonly with: Optional<ResampleSpecification, "pillow" | "antialias">;
    }
  | Optional<
      Exclude<ImageStep, ResizeStep>,
      | "margin"
      | "gap"
      | "place"
      | "value"
      | "fill"
      | "stride"
      | "enlarge"
      | "factor"
      | "divisor"
      | "offset"
      | "precision"
    >;
