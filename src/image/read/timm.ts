import type { Resample } from "../image.ts";
import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification, Size, StepInput } from "../pipeline/specification.ts";
import { roundHalfToEven } from "../round-half-to-even.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";

/** Members of a pretrained_cfg that say nothing about the values of the pixels. */
const SILENT: ReadonlySet<string> = new Set([
  ...["url", "file", "state_dict", "source", "hf_hub_id", "hf_hub_filename", "architecture", "tag", "custom_load"],
  ...["test_input_size", "test_crop_pct", "fixed_input_size", "min_input_size", "pool_size", "test_pool_size"],
  ...["num_classes", "label_offset", "label_names", "label_descriptions", "first_conv", "classifier"],
  ...["license", "origin_url", "description", "paper_name", "paper_ids", "notes", "use_timm", "model_args"],
]);

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const { floor } = Math;

/**
 * The pipeline that `timm.data.create_transform(**resolve_data_config({}, pretrained_cfg=…))` makes for evaluation, from a
 * `pretrained_cfg` or the data configuration itself.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readTimmConfig(value: unknown, file = "pretrained_cfg"): ImagePipelineSpecification {
  const reader = createConfigReader(value, file, SILENT);
  const [height, width] = readInputSize(reader);
  const share = reader.number("crop_pct", 0.875) || 0.875;
  const mode = reader.text("crop_mode", "center");
  const [mean, std] = [readChannels(reader, "mean", IMAGENET.mean), readChannels(reader, "std", IMAGENET.std)];
  const resample = readInterpolation(reader);
  const steps = [
    ...readPlace(reader, mode, [height, width], share, resample, mean),
    { step: "rescale", divisor: 255 },
    { step: "normalize", mean, std },
  ];
  reader.finish();
  return parseImagePipeline({ steps, output: { layout: "NCHW" } }, file);
}

function readInputSize(reader: ConfigReader): Size {
  const size = reader.numbers("input_size", [3, 224, 224]);
  const [channels, height, width] = size;
  if (size.length !== 3 || channels !== 3 || height === undefined || width === undefined)
    throw reader.unexpected("input_size", "[3, height, width]", size);
  return [height, width];
}

/** One number stands for every channel. */
function readChannels(reader: ConfigReader, name: string, byDefault: readonly number[]): readonly number[] {
  const values = reader.numbers(name, byDefault);
  if (values.length !== 3 && values.length !== 1) throw reader.unexpected(name, "3 numbers, one a channel", values);
  return values.length === 1 ? [...values, ...values, ...values] : values;
}

const KERNELS: readonly Resample[] = ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"];

function readInterpolation(reader: ConfigReader): Resample {
  const name = reader.text("interpolation", "bicubic");
  const kernel = KERNELS.find((candidate) => candidate === (name === "" ? "bicubic" : name));
  if (kernel === undefined) throw reader.unexpected("interpolation", `one of ${KERNELS.join(", ")}`, name);
  return kernel;
}

function readPlace(
  reader: ConfigReader,
  mode: string,
  size: Size,
  share: number,
  resample: Resample,
  mean: readonly number[],
): StepInput[] {
  const scaled: Size = [floor(size[0] / share), floor(size[1] / share)];
  const resize = (to: Extract<StepInput, { step: "resize" }>["to"]): StepInput => ({
    step: "resize",
    to,
    with: { backend: "pillow", resample },
  });
  const crop = { step: "crop", size, margin: "half_even", gap: "floor" } as const;
  switch (mode || "center") {
    case "squash":
      return [resize({ fit: "stretch", size: scaled }), crop];
    case "border":
      return [
        resize({ fit: "within", size: scaled, rounding: "half_even" }),
        { ...crop, value: mean.map((one) => roundHalfToEven(255 * one)) },
      ];
    case "center":
      return [resize({ fit: "crop_percentage", size, share }), crop];
    default:
      throw reader.unexpected("crop_mode", "center, squash or border", mode);
  }
}
