import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { FlagTable } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { modelFolderKind } from "../transformer/model-folders.ts";

const INSPECT_FLAGS = {
  json: { type: "boolean", default: false, description: "Print JSON: what preprocessing.json takes as its pipeline." },
  image_backend: {
    type: "choice",
    choices: ["pillow", "torch"],
    description: "Which image processors of transformers are meant, slow or fast; default: what the folder says.",
  },
} as const satisfies FlagTable;

export const command: Command = {
  usage: "FOLDER [flags]",
  summary:
    "Prints how the texts or pictures of a model's folder are prepared and what becomes of its outputs, or why the folder is refused.\n" +
    "Exit code: 0 understood, 2 refused.",
  flags: INSPECT_FLAGS,
  examples: ["kserve-transformer inspect ./vit-folder", "kserve-transformer inspect ./yolo --json"],
  run,
};

async function run(argv: readonly string[], { cwd, print }: CommandContext): Promise<number> {
  const { values, positionals, unknown } = parseFlags(INSPECT_FLAGS, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: inspect has --json and --image_backend only`);
  const [name, other] = positionals;
  if (name === undefined || other !== undefined) {
    throw invalidArgument(`expected one folder of a model, got ${positionals.length}`);
  }
  const folder = resolve(cwd, name);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw invalidArgument(`${name}: no such folder`);
  const kind = modelFolderKind(folder, name);
  if (kind === undefined) {
    throw invalidArgument(
      `${name}: no model's folder: expected config.json with tokenizer.json, modules.json, preprocessor_config.json, config.json with a pretrained_cfg, metadata.yaml, an .onnx file of Ultralytics, or preprocessing.json`,
    );
  }
  const description =
    kind.transformer === "text"
      ? await (await import("../inspect/describe-text-model.ts")).describeTextModel(folder)
      : await (await import("../inspect/describe-image-model.ts")).describeImageModel(folder, values.image_backend);
  print(
    values.json
      ? `${JSON.stringify(description.json, null, 2)}\n`
      : formatLines(name, kind.transformer, description.rows),
  );
  return 0;
}

function formatLines(name: string, transformer: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([title]) => title.length)) + 2;
  const lines = rows.map(([title, value]) => `  ${title.padEnd(width)}${value}\n`);
  return `${name}: served by the ${transformer} transformer\n${lines.join("")}`;
}
