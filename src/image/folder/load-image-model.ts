import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError, invalidArgument } from "../../errors.ts";
import { createConfigReader } from "../read/config-reader.ts";
import type { HuggingFaceOptions } from "../read/hugging-face.ts";
import { readOnnxMetadata } from "../read/onnx-metadata.ts";
import { readTimmConfig } from "../read/timm.ts";
import { readUltralyticsDetector, readUltralyticsMetadata, readUltralyticsTask } from "../read/ultralytics.ts";
import { readHuggingFaceFolder } from "./hugging-face-folder.ts";
import type { ImageModel, ImageTask } from "./image-model.ts";
import { readPreprocessingFile } from "./preprocessing-file.ts";
import { readLabels } from "./read-labels.ts";

/**
 * Reads how a model's folder wants its pictures: preprocessing.json, preprocessor_config.json (transformers), config.json with a
 * pretrained_cfg (timm), metadata.yaml or the metadata in an .onnx file (Ultralytics), in this order.
 * @throws InferenceError that names the file and the member which is missing, unknown or cannot be reproduced.
 */
export async function loadImageModel(
  folder: string,
  options: Pick<HuggingFaceOptions, "backend"> = {},
): Promise<ImageModel> {
  const own = await readJson(folder, "preprocessing.json");
  if (own !== undefined) return readPreprocessingFile(own, "preprocessing.json");
  const config = membersOf(await readJson(folder, "config.json"), "config.json");
  const processor = await readJson(folder, "preprocessor_config.json");
  if (processor !== undefined) return readHuggingFaceFolder(processor, config, options.backend);
  if (config !== undefined && (config["pretrained_cfg"] ?? undefined) !== undefined) return readTimmFolder(config);
  const metadata = await readText(folder, "metadata.yaml");
  if (metadata !== undefined) return readUltralyticsFolder(await parseYaml(metadata, "metadata.yaml"), "metadata.yaml");
  const exported = await findOnnxMetadata(folder);
  if (exported !== undefined) return readUltralyticsFolder(exported.metadata, exported.file);
  throw new InferenceError(
    `${folder}: no file says how pictures are prepared; expected preprocessing.json, preprocessor_config.json, config.json with a pretrained_cfg, metadata.yaml, or an .onnx file with Ultralytics' metadata`,
    { code: "invalid_argument" },
  );
}

function readTimmFolder(config: Readonly<Record<string, unknown>>): ImageModel {
  const own = config["pretrained_cfg"] as Readonly<Record<string, unknown>>;
  const labels = readLabels(config["label_names"] ?? own["label_names"], "config.json: label_names");
  const classes = config["num_classes"] ?? own["num_classes"];
  if (labels.length > 0 && typeof classes === "number" && classes !== labels.length) {
    throw invalidArgument(`config.json: num_classes is ${classes}, and label_names has ${labels.length} names`);
  }
  return {
    kind: "timm",
    file: "config.json",
    pipeline: readTimmConfig(own, "config.json: pretrained_cfg"),
    task: classes === 0 ? "other" : "classification",
    head: undefined,
    labels,
    activation: "softmax",
  };
}

const ULTRALYTICS_TASKS: Readonly<Record<string, ImageTask>> = {
  classify: "classification",
  detect: "detection",
  segment: "segmentation",
};

function readUltralyticsFolder(metadata: unknown, file: string): ImageModel {
  const pipeline = readUltralyticsMetadata(metadata, file);
  const reader = createConfigReader(metadata, file, new Set());
  const task = readUltralyticsTask(reader);
  return {
    kind: "ultralytics",
    file,
    pipeline,
    task: ULTRALYTICS_TASKS[task] ?? "other",
    head: task,
    labels: readLabels(reader.take("names"), `${file}: names`),
    // An exported classifier ends with its softmax.
    activation: "none",
    detector: task === "detect" || task === "segment" ? readUltralyticsDetector(reader, task === "segment") : undefined,
  };
}

/** A text in quotes, whose words are its own, or Python's word for null. */
const QUOTED_OR_NONE = /'[^']*'|"[^"]*"|\bNone\b/g;

/** Ultralytics writes Python's literals as texts: `{0: 'person'}`, which YAML reads too, but for None. */
async function findOnnxMetadata(folder: string): Promise<{ file: string; metadata: object } | undefined> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new InferenceError(`${folder}: expected a folder, which cannot be read (${cause.code})`, { cause });
  });
  const files = names.filter((name) => name.endsWith(".onnx"));
  for (const file of files) {
    const texts = await readOnnxMetadata(join(folder, file));
    if (texts.get("author") !== "Ultralytics") continue;
    const { parse } = await import("yaml");
    const read = (text: string): unknown =>
      parse(text.replace(QUOTED_OR_NONE, (word) => (word === "None" ? "null" : word)));
    const literal = new Set([
      "stride",
      "batch",
      "imgsz",
      "names",
      "args",
      "channels",
      "end2end",
      "kpt_shape",
      "kpt_names",
    ]);
    const members = [...texts].map(([name, text]) => [name, literal.has(name) ? read(text) : text] as const);
    return { file, metadata: Object.fromEntries(members) };
  }
  return undefined;
}

async function parseYaml(text: string, file: string): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    return parse(text);
  } catch (cause) {
    const [reason] = String((cause as Error).message).split("\n");
    throw invalidArgument(`${file}: not YAML that can be read: ${reason}`, cause);
  }
}

function membersOf(value: unknown, file: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw invalidArgument(`${file}: expected an object, got ${JSON.stringify(value).slice(0, 80)}`);
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const text = await readText(folder, name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalidArgument(`${join(folder, name)}: not JSON`, cause);
  }
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new InferenceError(`${join(folder, name)}: cannot be read (${cause.code})`, { cause });
  });
}
