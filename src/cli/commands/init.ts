import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FlagTable } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { formatManifests } from "../../manifest/format-manifests.ts";
import { createManifests } from "../../manifest/inference-service/inference-service.ts";
import { packageRoot } from "../../threads/package-entries.ts";
import type { Command, CommandContext } from "../command.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { findPackageSpecification, toProjectSpecification } from "../init/package-specification.ts";
import {
  RUNNER_NAMES,
  RUNNERS,
  type RunnerName,
  TEMPLATE_NAMES,
  TEMPLATES,
  type TemplateName,
} from "../init/project-choices.ts";

const INIT_FLAGS = {
  template: {
    type: "choice",
    choices: TEMPLATE_NAMES,
    default: "blank",
    description: "What the transformer starts as.",
  },
  tests: { type: "choice", choices: RUNNER_NAMES, default: "node", description: "What runs its tests." },
  package: {
    type: "text",
    description: "The kserve-transformer it depends on, as npm takes it: a version, a packed file, a folder.",
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

interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly template: TemplateName;
  readonly runner: RunnerName;
  /** What package.json depends on. */
  readonly specification: string;
}

async function run(argv: readonly string[], { cwd, print }: CommandContext): Promise<number> {
  const { values, positionals, unknown } = parseFlags(INIT_FLAGS, argv);
  if (unknown.length > 0) throw invalidArgument(`${unknown.join(", ")}: init has --template, --tests and --package`);
  const [place, ...others] = positionals;
  if (place === undefined || others.length > 0) {
    throw invalidArgument(`expected one NAME for the project, got ${positionals.join(" ") || "none"}`);
  }
  const folder = resolve(cwd, place);
  const project: Project = {
    folder,
    name: basename(folder),
    template: values.template,
    runner: values.tests,
    specification:
      values.package === undefined
        ? findPackageSpecification(folder)
        : toProjectSpecification(values.package, cwd, folder),
  };
  const manifest = createProjectManifest(project);
  assertEmpty(folder, place);
  writeProject(project, manifest);
  print(nextSteps(place, project));
  return 0;
}

const imageOf = (name: string) => `registry.example.com/${name}:1`;
const pathOf = ({ name, template }: Project) => TEMPLATES[template].path ?? `/v1/models/${name}:predict`;

/** Made first, since it is what refuses a name that no cluster would take. */
function createProjectManifest({ name, template }: Project): string {
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

function writeProject(project: Project, manifest: string): void {
  const { folder, name, template, runner: runnerName } = project;
  const { rows = "", flags = "", dependencies = {} } = TEMPLATES[template];
  const runner = RUNNERS[runnerName];
  mkdirSync(folder, { recursive: true });
  for (const source of ["common", template, runnerName]) {
    const from = fileURLToPath(new URL(`templates/${source}/`, packageRoot()));
    if (existsSync(from)) cpSync(from, folder, { recursive: true });
  }
  // Under their own names npm would take them for the package's.
  renameSync(join(folder, "_package.json"), join(folder, "package.json"));
  renameSync(join(folder, "_gitignore"), join(folder, ".gitignore"));
  const words = {
    ...{ name, rows, flags, image: imageOf(name), path: pathOf(project), package: project.specification },
    ...{ test: runner.script, runner: runner.title },
  };
  for (const file of ["package.json", "README.md", "request.json"]) fillIn(join(folder, file), words);
  addDependencies(join(folder, "package.json"), dependencies, runner.devDependencies);
  const test = join(folder, "transformer.test.ts");
  writeFileSync(test, readFileSync(test, "utf8").replace('from "node:test"', `from "${runner.module}"`));
  writeFileSync(join(folder, "inferenceservice.yaml"), manifest);
}

function fillIn(file: string, words: Readonly<Record<string, string>>): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? ""),
  );
}

type Dependencies = Readonly<Record<string, string>>;

function addDependencies(file: string, dependencies: Dependencies, devDependencies: Dependencies): void {
  const project = JSON.parse(readFileSync(file, "utf8"));
  project.dependencies = { ...dependencies, ...project.dependencies };
  project.devDependencies = { ...project.devDependencies, ...devDependencies };
  writeFileSync(file, `${JSON.stringify(project, null, 2)}\n`);
}

function nextSteps(place: string, project: Project): string {
  return `${place} is made from the template ${project.template}. Next:

  cd ${place}
  npm install
  npm test
  npm run dev
  curl http://localhost:8080${pathOf(project)} -H 'content-type: application/json' -d @request.json
`;
}
