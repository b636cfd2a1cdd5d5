import { invalidArgument } from "../../errors.ts";
import type { DetectorSpecification } from "../folder/detector-specification.ts";
import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { BatchSpecification, ImagePipelineSpecification, Size, StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";
import { FAMILIES, type ProcessorDefaults, REFUSED } from "./hugging-face-families.ts";
import { type Backend, memberOf, readResize } from "./hugging-face-size.ts";

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

/**
 * The pipeline that `AutoImageProcessor` makes of a `preprocessor_config.json`. Members that are left out have the default of
 * their image processor.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readHuggingFaceProcessor(value: unknown, options: HuggingFaceOptions = {}): ImagePipelineSpecification {
  const file = options.file ?? "preprocessor_config.json";
  const { reader, type, defaults } = openProcessor(value, file);
  const backend = options.backend ?? (/Fast$/.test(type) ? "torch" : "pillow");
  const steps = [
    ...readResize(reader, defaults, backend),
    ...readCrop(reader, defaults, backend),
    ...readFlip(reader, defaults),
    ...readValues(reader, defaults, backend),
  ];
  const batch = readPadding(reader, defaults);
  reader.flag("do_convert_rgb", true);
  reader.expect("data_format", ["channels_first"]);
  reader.flag("default_to_square", true);
  reader.finish();
  // transformers' load_image, under all of its pipelines, turns pictures before the processor sees them.
  const decode = { orientation: "exif" } as const;
  return parseImagePipeline({ decode, steps, output: { layout: "NCHW", ...(batch && { batch }) } }, file);
}

/** What the image processor makes of outputs: `post_process_object_detection`, `post_process_semantic_segmentation`. */
export function readHuggingFaceOutputs(
  value: unknown,
  file: string,
): { readonly detector: DetectorSpecification | undefined; readonly segments: boolean } {
  const { detector, segments = false } = openProcessor(value, file).defaults;
  return { detector, segments };
}

function openProcessor(
  value: unknown,
  file: string,
): { readonly reader: ConfigReader; readonly type: string; readonly defaults: ProcessorDefaults } {
  const said = createConfigReader(value, file, SILENT);
  const type = said.text("image_processor_type", said.text("feature_extractor_type", ""));
  const family = type.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, "");
  const defaults = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (defaults !== undefined) {
    const silent = ["image_processor_type", "feature_extractor_type", ...SILENT, ...(defaults.silent ?? [])];
    return { reader: createConfigReader(value, file, new Set(silent)), type, defaults };
  }
  const reason = Object.hasOwn(REFUSED, family) ? REFUSED[family] : undefined;
  const fault = reason === undefined ? "is not known" : `cannot be reproduced: ${reason}`;
  throw invalidArgument(
    `${file}: image_processor_type ${type === "" ? "is missing" : `${JSON.stringify(type)} ${fault}`}; known are ${Object.keys(FAMILIES).join(", ")} (each with ImageProcessor or FeatureExtractor)`,
  );
}

function readCrop(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): StepInput[] {
  const { cropSize, crops = cropSize !== undefined } = defaults;
  const size = reader.take("crop_size") ?? cropSize;
  const isAsked = reader.flag("do_center_crop", crops === true);
  if (!isAsked || crops === "never") return [];
  const [height, width] = typeof size === "number" ? [size, size] : [memberOf(size, "height"), memberOf(size, "width")];
  if (height === undefined || width === undefined)
    throw reader.unexpected("crop_size", "a number, or height and width", size);
  const crop: Size = [height, width];
  return [{ step: "crop", size: crop, margin: "floor", gap: backend === "torch" ? "floor" : "ceil" }];
}

function readFlip(reader: ConfigReader, { flips }: ProcessorDefaults): StepInput[] {
  if (flips === undefined) return [];
  return reader.flag("do_flip_channel_order", flips) ? [{ step: "flip_channels" }] : [];
}

/** After rescaling and normalizing, as all of them do it. */
function readPadding(reader: ConfigReader, { pads }: ProcessorDefaults): Partial<BatchSpecification> | undefined {
  if (pads === undefined) {
    reader.expect("do_pad", [false]);
    reader.expect("pad_size", []);
    return undefined;
  }
  const isAsked = reader.flag("do_pad", reader.flag("pad_and_return_pixel_mask", pads));
  const size = reader.take("pad_size");
  if (!isAsked) return undefined;
  if (size === undefined) return { value: 0 };
  const [height, width] = [memberOf(size, "height"), memberOf(size, "width")];
  if (height === undefined || width === undefined) throw reader.unexpected("pad_size", "height and width", size);
  return { value: 0, size: [height, width] };
}

function readValues(reader: ConfigReader, defaults: ProcessorDefaults, backend: Backend): StepInput[] {
  const factor = reader.number("rescale_factor", 1 / 255);
  const rescales = reader.flag("do_rescale", true);
  const mean = reader.numbers("image_mean", defaults.mean);
  const std = reader.numbers("image_std", defaults.std);
  for (const [name, list] of [
    ["image_mean", mean],
    ["image_std", std],
  ] as const) {
    if (list.length !== 3) throw reader.unexpected(name, "3 numbers, one a channel", list);
  }
  const isAsked = reader.flag("do_normalize", (defaults.normalizes ?? true) === true);
  const normalizes = isAsked && defaults.normalizes !== "never";
  const { offset, again } = readSecondScale(reader, defaults, std);
  // The fast processors do both at once: mean and std are brought to the scale of bytes, in float32.
  if (backend === "torch" && rescales && normalizes && offset.length === 0) {
    const scale = Math.fround(1 / factor);
    const toBytes = (list: readonly number[]): number[] => list.map((value) => Math.fround(Math.fround(value) * scale));
    return [{ step: "normalize", mean: toBytes(mean), std: toBytes(std) }, ...again];
  }
  const precision = backend === "torch" ? "float32" : "float64";
  const rescale: StepInput = { step: "rescale", factor, divisor: 1, offset: 0, precision };
  const normalize: StepInput = { step: "normalize", mean, std };
  return [...(rescales ? [rescale, ...offset] : []), ...(normalizes ? [normalize] : []), ...again];
}

/** EfficientNet's `rescale_offset` takes 1 away from a float32; `include_top` divides by the deviation once more. */
function readSecondScale(
  reader: ConfigReader,
  { rescalesTwice = false }: ProcessorDefaults,
  std: readonly number[],
): { readonly offset: StepInput[]; readonly again: StepInput[] } {
  if (!rescalesTwice) return { offset: [], again: [] };
  const offset = reader.flag("rescale_offset", false);
  const again = reader.flag("include_top", true);
  return {
    offset: offset ? [{ step: "rescale", offset: -1 }] : [],
    again: again ? [{ step: "normalize", mean: [0], std }] : [],
  };
}
