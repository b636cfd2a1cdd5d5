import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification, Size, StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";
import { kerasPreprocessing } from "./keras-applications.ts";
import { readKerasLayer } from "./keras-layers.ts";

const NOTHING: ReadonlySet<string> = new Set();
const PILLOW = ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"] as const;
const TENSORFLOW = ["nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"] as const;

/**
 * What a Keras program does before `model.predict`, which no file of Keras says:
 * `{"loader": "load_img", "size": [299, 299], "interpolation": "nearest", "preprocess_input": "xception"}`, or
 * `{"loader": "image_dataset_from_directory", "size": [180, 180], "layers": [layer.get_config() with its class_name, …]}`.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readKerasPreprocessing(value: unknown, file = "keras"): ImagePipelineSpecification {
  const reader = createConfigReader(value, file, NOTHING);
  const loader = reader.text("loader", "load_img");
  const size = readSize(reader, "size");
  const mode = reader.text("color_mode", "rgb");
  if (mode !== "rgb" && mode !== "grayscale") throw reader.unexpected("color_mode", "rgb or grayscale", mode);
  const steps: StepInput[] = readLoader(reader, loader, size);
  const name = reader.take("preprocess_input");
  if (name !== undefined) {
    const values = typeof name === "string" ? kerasPreprocessing(name) : undefined;
    if (values === undefined)
      throw reader.unexpected("preprocess_input", "a model of keras.applications, or tf, caffe, torch", name);
    steps.push(...values);
  }
  const layers = reader.take("layers") ?? [];
  if (!Array.isArray(layers)) throw reader.unexpected("layers", "an array of layers", layers);
  for (const [index, layer] of layers.entries()) steps.push(...readKerasLayer(layer, `${file}: layers[${index}]`));
  reader.finish();
  // keras.utils.load_img opens files by Pillow.
  const decoder = loader === "image_dataset_from_directory" ? "tensorflow" : "pillow";
  return parseImagePipeline(
    { decode: { mode: mode === "rgb" ? "RGB" : "L", decoder }, steps, output: { layout: "NHWC" } },
    file,
  );
}

function readLoader(reader: ConfigReader, loader: string, size: Size | undefined): StepInput[] {
  if (loader === "load_img") {
    const resample = readChoice(reader, "interpolation", PILLOW, "nearest");
    const fit = reader.flag("keep_aspect_ratio", false) ? "middle" : "stretch";
    return size === undefined ? [] : [{ step: "resize", to: { fit, size }, with: { backend: "pillow", resample } }];
  }
  if (loader !== "image_dataset_from_directory") {
    throw reader.unexpected("loader", "load_img or image_dataset_from_directory", loader);
  }
  const resample = readChoice(reader, "interpolation", TENSORFLOW, "bilinear");
  reader.expect("pad_to_aspect_ratio", [false]);
  const fit = reader.flag("crop_to_aspect_ratio", false) ? "middle" : "stretch";
  const to = { fit, size: size ?? ([256, 256] as const) } as const;
  return [{ step: "resize", to, with: { backend: "tensorflow", resample } }];
}

function readSize(reader: ConfigReader, name: string): Size | undefined {
  const got = reader.take(name);
  if (got === undefined) return undefined;
  const [height, width] = Array.isArray(got) && got.length === 2 ? (got as unknown[]) : [];
  if (typeof height !== "number" || typeof width !== "number") throw reader.unexpected(name, "[height, width]", got);
  return [height, width];
}

function readChoice<const Choice extends string>(
  reader: ConfigReader,
  name: string,
  choices: readonly Choice[],
  byDefault: Choice,
): Choice {
  const got = reader.text(name, byDefault);
  const choice = choices.find((candidate) => candidate === got);
  if (choice === undefined) throw reader.unexpected(name, `one of ${choices.join(", ")}`, got);
  return choice;
}
