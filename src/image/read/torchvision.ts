import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification, StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const KERNELS = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

/** Of torch.nn.Module, which `vars(weights.transforms())` prints as well. */
const SILENT: ReadonlySet<string> = new Set(["training", "transforms"]);

/**
 * The pipeline of `weights.transforms()` for a PIL image, from its attributes:
 * `{"transforms": "ImageClassification", "crop_size": [224], "resize_size": [232], "mean": …, "std": …, "interpolation": "bilinear", "antialias": true}`.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readTorchvisionTransforms(value: unknown, file = "torchvision"): ImagePipelineSpecification {
  const reader = createConfigReader(value, file, SILENT);
  const preset = reader.text("transforms", "");
  const steps = [...readSteps(reader, preset)];
  reader.finish();
  return parseImagePipeline({ steps, output: { layout: "NCHW" } }, file);
}

function readSteps(reader: ConfigReader, preset: string): StepInput[] {
  if (preset === "ObjectDetection") return [{ step: "rescale", divisor: 255 }];
  if (preset !== "ImageClassification" && preset !== "SemanticSegmentation") {
    throw reader.unexpected("transforms", "ImageClassification, ObjectDetection or SemanticSegmentation", preset);
  }
  const isClassification = preset === "ImageClassification";
  const resize = readSide(reader, "resize_size", isClassification ? 256 : undefined);
  const crop = isClassification ? readSide(reader, "crop_size", undefined) : undefined;
  if (isClassification && crop === undefined) throw reader.unexpected("crop_size", "a side, such as 224", crop);
  const name = reader.text("interpolation", "bilinear");
  const resample = KERNELS.find((kernel) => kernel === name);
  if (resample === undefined) throw reader.unexpected("interpolation", `one of ${KERNELS.join(", ")}`, name);
  // A PIL image is resized by Pillow, which always antialiases, whatever this says.
  reader.flag("antialias", true);
  const [mean, std] = [reader.numbers("mean", IMAGENET.mean), reader.numbers("std", IMAGENET.std)];
  const by = { backend: "pillow", resample } as const;
  return [
    ...(resize === undefined ? [] : [{ step: "resize", to: { fit: "shorter_side", side: resize }, with: by } as const]),
    ...(crop === undefined ? [] : [{ step: "crop", size: [crop, crop], margin: "half_even" } as const]),
    { step: "rescale", divisor: 255 },
    { step: "normalize", mean, std },
  ];
}

/** `224` or `[224]`. */
function readSide(reader: ConfigReader, name: string, byDefault: number | undefined): number | undefined {
  const got = reader.take(name) ?? byDefault;
  const side = Array.isArray(got) && got.length === 1 ? got[0] : got;
  if (side === undefined || side === null) return undefined;
  if (typeof side !== "number" || !Number.isInteger(side)) throw reader.unexpected(name, "one whole number", got);
  return side;
}
