import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FlagTable } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { formatManifests } from "../../manifest/format-manifests.ts";
import { createManifests } from "../../manifest/inference-service/inference-service.ts";
import type { PredictorOptions } from "../../manifest/inference-service/inference-service-options.ts";
import { packageRoot } from "../../threads/package-entries.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../parse-flags.ts";

const INIT_FLAGS = {
  template: {
    type: "choice",
    choices: ["blank", "image", "tabular"],
    default: "blank",
    description: "What the transformer starts as.",
  },
} as const satisfies FlagTable;

export const command: Command = {
  usage: "NAME [flags]",
  summary:
    "Makes a project in a new folder: a transformer, its tests, a Dockerfile, an InferenceService. Needs no network.",
  flags: INIT_FLAGS,
  examples: ["kserve-transformer init clothes --template image"],
  run,
};

type Template = (typeof INIT_FLAGS.template.choices)[number];

/** The predictor of each template's InferenceService, and the files that its README names besides the common ones. */
const TEMPLATES: Readonly<Record<Template, { readonly predictor: Partial<PredictorOptions>; readonly rows: string }>> =
  {
    blank: { predictor: { format: "sklearn" }, rows: "" },
    image: { predictor: { format: "tensorflow" }, rows: "" },
    tabular: {
      predictor: { format: "sklearn", env: { PREDICT_PROBA: "true" } },
      rows: "| `specification.json` | how records become vectors, and answers decisions |\n",
    },
  };

async function run(argv: readonly string[], { cwd, print }: CommandContext): Promise<number> {
  const { values, positionals, unknown } = parseFlags(INIT_FLAGS, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: init has --template only`);
  const [place, ...others] = positionals;
  if (place === undefined || others.length > 0) {
    throw invalidArgument(`expected one NAME for the project, got ${positionals.join(" ") || "none"}`);
  }
  const folder = resolve(cwd, place);
  const name = basename(folder);
  const manifest = createProjectManifest(name, values.template);
  assertEmpty(folder, place);
  writeProject(folder, name, values.template, manifest);
  print(nextSteps(place, name, values.template));
  return 0;
}

const imageOf = (name: string) => `registry.example.com/${name}:1`;

/** Made first, since it is what refuses a name that no cluster would take. */
function createProjectManifest(name: string, template: Template): string {
  const predictor = { format: "sklearn", storageUri: `s3://your-bucket/${name}`, ...TEMPLATES[template].predictor };
  return formatManifests(createManifests({ name, transformer: { image: imageOf(name) }, predictor }));
}

function assertEmpty(folder: string, place: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw invalidArgument(`${place} is a file; expected the name of a new folder`);
  const [first] = readdirSync(folder);
  if (first !== undefined)
    throw invalidArgument(`${place} is not empty (there is ${first}); expected the name of a new folder`);
}

function writeProject(folder: string, name: string, template: Template, manifest: string): void {
  mkdirSync(folder, { recursive: true });
  for (const source of ["common", template]) {
    cpSync(fileURLToPath(new URL(`templates/${source}/`, packageRoot())), folder, { recursive: true });
  }
  // Under their own names npm would take them for the package's.
  renameSync(join(folder, "_package.json"), join(folder, "package.json"));
  renameSync(join(folder, "_gitignore"), join(folder, ".gitignore"));
  const words = { name, version: packageVersion(), image: imageOf(name), rows: TEMPLATES[template].rows };
  for (const file of ["package.json", "README.md"]) fillIn(join(folder, file), words);
  writeFileSync(join(folder, "inferenceservice.yaml"), manifest);
}

function fillIn(file: string, words: Readonly<Record<string, string>>): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? ""),
  );
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8")).version;
}

function nextSteps(place: string, name: string, template: Template): string {
  return `${place} is there, from the template ${template}. Next:

  cd ${place}
  npm test
  npm start
  curl http://localhost:8080/v1/models/${name}:predict -H 'content-type: application/json' -d @request.json
`;
}
