import { existsSync } from "node:fs";
import { join } from "node:path";

/** Folders of models that a shipped transformer serves by itself: what stands in them, and how it is told the folder. */
interface ModelFolderKind {
  readonly files: readonly string[];
  readonly transformer: string;
  readonly variable: string;
}

const KINDS: readonly ModelFolderKind[] = [
  { files: ["config.json", "tokenizer.json"], transformer: "text", variable: "TEXT_MODEL_FOLDER" },
  { files: ["modules.json"], transformer: "text", variable: "TEXT_MODEL_FOLDER" },
];

/** The transformer for a model's folder, by the files in it; undefined where there is none. */
export function modelFolderKind(folder: string): ModelFolderKind | undefined {
  return KINDS.find(({ files }) => files.every((file) => existsSync(join(folder, file))));
}
