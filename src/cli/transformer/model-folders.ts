import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { invalidArgument } from "../../errors.ts";

/** Folders of models that a shipped transformer serves by itself: what stands in them, and how it is told the folder. */
export interface ModelFolderKind {
  readonly transformer: "text" | "image";
  readonly variable: string;
}

const TEXT: ModelFolderKind = { transformer: "text", variable: "TEXT_MODEL_FOLDER" };
const IMAGE: ModelFolderKind = { transformer: "image", variable: "IMAGE_MODEL_FOLDER" };

/**
 * The transformer for a model's folder, by the files in it; undefined where there is none.
 * @param name What the user calls the folder, for the message.
 * @throws InferenceError invalid_argument for a model of pictures and texts together.
 */
export function modelFolderKind(folder: string, name: string = folder): ModelFolderKind | undefined {
  const has = (file: string): boolean => existsSync(join(folder, file));
  if (has("preprocessing.json")) return IMAGE;
  const takesTexts = has("modules.json") || (has("config.json") && has("tokenizer.json"));
  const takesPictures = has("preprocessor_config.json");
  if (takesTexts && takesPictures) {
    throw invalidArgument(
      `${name}: tokenizer.json and preprocessor_config.json: a model of texts and pictures together, which no shipped transformer serves; ` +
        "write one of your own with kserve-transformer/text and kserve-transformer/image",
    );
  }
  if (takesTexts) return TEXT;
  return takesPictures || isTimm(folder) || has("metadata.yaml") || hasOnnx(folder) ? IMAGE : undefined;
}

/** A config.json with a pretrained_cfg; whether it can be read is the transformer's matter. */
function isTimm(folder: string): boolean {
  const file = join(folder, "config.json");
  return existsSync(file) && readFileSync(file, "utf8").includes('"pretrained_cfg"');
}

function hasOnnx(folder: string): boolean {
  return readdirSync(folder).some((file) => file.endsWith(".onnx"));
}
