import { invalidArgument } from "../../errors.ts";
import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification, ResampleSpecification, Size, StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";
import { FAMILIES, type ProcessorDefaults } from "./hugging-face-families.ts";

export interface HuggingFaceOptions {
  /** Name of the file, for messages. @default "preprocessor_config.json" */
  readonly file?: string;
  /**
   * `pillow`: the slow processors; `torch`: the fast ones, which transformers 5 uses by default. @default what
   * image_processor_type says: `…Fast` is torch, every other pillow
   */
  readonly backend?: "pillow" | "torch";
}

/** Members that say nothing about the values of the pixels. */
const SILENT: ReadonlySet<string> = new Set([
  "feature_extractor_type",
  "processor_class",
  "_processor_class",
  "_valid_processor_keys",
  "return_tensors",
  "disable_grouping",
  "device",
  "input_data_format",
  "auto_map",
  "transformers_version",
]);

/** Pillow's numbers of its kernels. */
const KERNELS = ["nearest", "lanczos", "bilinear", "bicubic"] as const;

/**
 * The pipeline that `AutoImageProcessor` makes of a `preprocessor_config.json`. Members that are left out have the default of
 * their image processor.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readHuggingFaceProcessor(value: unknown, options: HuggingFaceOptions = {}): ImagePipelineSpecification {
  const file = options.file ?? "preprocessor_config.json";
  const reader = createConfigReader(value, file, SILENT);
  const type = reader.text("image_processor_type", reader.text("feature_extractor_type", ""));
  const family = type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, "");
  const defaults = FAMILIES[family];
  if (defaults === undefined) {
    throw invalidArgument(
      `${file}: image_processor_type ${JSON.stringify(type)} is not known; known are ${Object.keys(FAMILIES).join(", ")} (each with ImageProcessor or FeatureExtractor)`,
    );
  }
  const backend = options.backend ?? (/Fast$/.test(type) ? "torch" : "pillow");
  const steps = [
    ...readResize(reader, defaults, backend, file),
    ...readCrop(reader, defaults, backend),
    ...readValues(reader, defaults, backend),
  ];
  reader.flag("do_convert_rgb", true);
  reader.expect("data_format", ["channels_first"]);
  reader.expect("do_pad", [false]);
  reader.expect("pad_size", []);
  reader.flag("default_to_square", true);
  reader.finish();
  return parseImagePipeline({ steps, output: { layout: "NCHW" } }, file);
}

type Backend = "pillow" | "torch";

function readResize(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend, file: string): StepInput[] {
  const by = readResample(reader, defaults, backend, file);
  const size = reader.take("size") ?? defaults.size;
  const share = reader.number("crop_pct", defaults.cropShare ?? 0);
  if (!reader.flag("do_resize", true)) return [];
  if (share === 0) return [{ step: "resize", to: readTarget(size, reader, defaults, file), with: by }];
  // ConvNeXt: below 384 pixels the middle is cut out of a larger picture, from there on it is stretched.
  const side = typeof size === "number" ? size : (numberOf(size, "shortest_edge") ?? numberOf(size, "height"));
  if (side === undefined) throw invalidArgument(`${file}: size: expected shortest_edge, got ${JSON.stringify(size)}`);
  if (side >= 384) return [{ step: "resize", to: { fit: "stretch", size: [side, side] }, with: by }];
  return [
    { step: "resize", to: { fit: "shorter_side", side: Math.trunc(side / share) }, with: by },
    { step: "crop", size: [side, side], margin: "floor", gap: backend === "torch" ? "floor" : "ceil" },
  ];
}

function readResample(
  reader: ConfigReader,
  defaults: ProcessorDefaults,
  backend: Backend,
  file: string,
): ResampleSpecification {
  const number = reader.number("resample", KERNELS.indexOf(defaults.resample));
  const resample = KERNELS[number];
  if (resample === undefined) {
    throw invalidArgument(
      `${file}: resample: expected 0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic), got ${number}`,
    );
  }
  if (backend === "pillow") return { backend, resample, pillow: 13 };
  // The fast processors take Pillow's nearest for torchvision's nearest-exact, which looks at the same samples.
  return resample === "nearest"
    ? { backend, resample: "nearest-exact", antialias: false }
    : { backend, resample, antialias: true };
}

function readTarget(
  size: unknown,
  reader: ConfigReader,
  { square }: ProcessorDefaults,
  file: string,
): Extract<StepInput, { step: "resize" }>["to"] {
  if (typeof size === "number") {
    const isSquare = reader.flag("default_to_square", square);
    return isSquare ? { fit: "stretch", size: [size, size] } : { fit: "shorter_side", side: size };
  }
  const [height, width] = [numberOf(size, "height"), numberOf(size, "width")];
  const [shortest, longest] = [numberOf(size, "shortest_edge"), numberOf(size, "longest_edge")];
  const [maxHeight, maxWidth] = [numberOf(size, "max_height"), numberOf(size, "max_width")];
  const keys = typeof size === "object" && size !== null ? Object.keys(size).sort().join() : "";
  if (keys === "height,width" && height !== undefined && width !== undefined)
    return { fit: "stretch", size: [height, width] };
  if (keys === "shortest_edge" && shortest !== undefined) return { fit: "shorter_side", side: shortest };
  if (keys === "longest_edge,shortest_edge" && shortest !== undefined && longest !== undefined)
    return { fit: "edges", shortest, longest };
  if (keys === "max_height,max_width" && maxHeight !== undefined && maxWidth !== undefined)
    return { fit: "within", size: [maxHeight, maxWidth] };
  throw invalidArgument(
    `${file}: size: expected a number, height and width, shortest_edge, shortest_edge and longest_edge, or max_height and max_width; got ${JSON.stringify(size)}`,
  );
}

function numberOf(value: unknown, key: string): number | undefined {
  const member =
    typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof member === "number" ? member : undefined;
}

function readCrop(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): StepInput[] {
  const size = reader.take("crop_size") ?? defaults.cropSize;
  if (!reader.flag("do_center_crop", defaults.cropSize !== undefined)) return [];
  const [height, width] = typeof size === "number" ? [size, size] : [numberOf(size, "height"), numberOf(size, "width")];
  if (height === undefined || width === undefined)
    throw reader.unexpected("crop_size", "a number, or height and width", size);
  const crop: Size = [height, width];
  return [{ step: "crop", size: crop, margin: "floor", gap: backend === "torch" ? "floor" : "ceil" }];
}

function readValues(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): StepInput[] {
  const factor = reader.number("rescale_factor", 1 / 255);
  const rescales = reader.flag("do_rescale", true);
  const mean = reader.numbers("image_mean", defaults.mean);
  const std = reader.numbers("image_std", defaults.std);
  const normalizes = reader.flag("do_normalize", defaults.normalizes ?? true);
  // The fast processors do both at once: mean and std are brought to the scale of bytes, in float32.
  if (backend === "torch" && rescales && normalizes) {
    const scale = Math.fround(1 / factor);
    const toBytes = (list: readonly number[]): number[] => list.map((value) => Math.fround(Math.fround(value) * scale));
    return [{ step: "normalize", mean: toBytes(mean), std: toBytes(std) }];
  }
  const precision = backend === "torch" ? "float32" : "float64";
  const rescale: StepInput = { step: "rescale", factor, divisor: 1, offset: 0, precision };
  return [...(rescales ? [rescale] : []), ...(normalizes ? [{ step: "normalize", mean, std } as const] : [])];
}
