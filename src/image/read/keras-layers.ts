import type { StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";

/** Of every layer. */
const SILENT: ReadonlySet<string> = new Set([
  "name",
  "trainable",
  "dtype",
  "class_name",
  "module",
  "registered_name",
  "build_config",
]);
const KERNELS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area"] as const;

/** A layer of Keras that prepares pictures, as `keras.layers.serialize` writes it, or `get_config()` with its `class_name`. */
export function readKerasLayer(value: unknown, place: string): StepInput[] {
  const outer = createConfigReader(value, place, SILENT);
  const type = outer.text("class_name", "");
  const inner = outer.take("config");
  if (inner !== undefined) outer.finish();
  const reader = createConfigReader(inner ?? value, inner === undefined ? place : `${place}.config`, SILENT);
  const steps = readSteps(reader, outer, type);
  reader.finish();
  return steps;
}

function readSteps(reader: ConfigReader, outer: ConfigReader, type: string): StepInput[] {
  switch (type) {
    case "Rescaling":
      return [{ step: "rescale", factor: reader.number("scale", 1), offset: reader.number("offset", 0) }];
    case "Resizing":
      return [readResizing(reader)];
    default:
      throw outer.unexpected("class_name", "Rescaling or Resizing: no other layer can be reproduced", type);
  }
}

function readResizing(reader: ConfigReader): StepInput {
  const name = reader.text("interpolation", "bilinear");
  const resample = KERNELS.find((kernel) => kernel === name);
  if (resample === undefined) throw reader.unexpected("interpolation", `one of ${KERNELS.join(", ")}`, name);
  reader.expect("pad_to_aspect_ratio", [false]);
  reader.take("fill_mode");
  reader.take("fill_value");
  reader.expect("data_format", ["channels_last"]);
  return {
    step: "resize",
    to: {
      fit: reader.flag("crop_to_aspect_ratio", false) ? "middle" : "stretch",
      size: [reader.number("height", 0), reader.number("width", 0)],
    },
    with: { backend: "tensorflow", resample, antialias: reader.flag("antialias", false) },
  };
}
