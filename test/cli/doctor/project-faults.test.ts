import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command as init } from "../../../src/cli/commands/init.ts";
import { buildCommand, runCommand } from "../command-process.ts";
import { type DoctorRun, faultsOf } from "./run-doctor.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let folder: string;

/** What init writes, as if `npm install` had run. */
beforeEach(async () => {
  const cwd = mkdtempSync(join(tmpdir(), "project-"));
  folder = join(cwd, "p");
  const { signal } = new AbortController();
  await init.run(["p", "--package", "1.0.0"], { cwd, env: {}, print: () => undefined, warn: () => undefined, signal });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/kserve-transformer"));
  writeLock();
});
afterEach(() => rmSync(dirname(folder), { recursive: true }));

const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

function change(name: string, from: string | RegExp, to: string): void {
  const text = read(name);
  expect(text).not.toBe(text.replace(from, to));
  write(name, text.replace(from, to));
}

/** The part of a lock that npm compares. */
function writeLock(): void {
  const { name, version, dependencies, devDependencies } = JSON.parse(read("package.json"));
  const packages = { "": { name, version, dependencies, devDependencies } };
  write("package-lock.json", JSON.stringify({ name, lockfileVersion: 3, packages }));
}

beforeAll(() => void buildCommand(), 60_000);

/** The command as users run it: it imports the project's module by itself. */
async function doctor(...argv: string[]): Promise<DoctorRun> {
  const { code, stdout } = await runCommand(["doctor", "--only", "project", "--json", ...argv], { cwd: folder });
  return { code: code ?? 1, ...JSON.parse(stdout) };
}

const FAULTS: readonly (readonly [string, () => void, string, RegExp])[] = [
  [
    "a module that throws",
    () => write("transformer.ts", 'throw new Error("not today");'),
    "project/transformer",
    /not today/,
  ],
  [
    "no default export",
    () => change("transformer.ts", "export default class", "export class"),
    "project/transformer",
    /no default export/,
  ],
  [
    "a misspelt hook",
    () => change("transformer.ts", "preprocess(", "preproces("),
    "project/transformer",
    /did you mean 'preprocess'/,
  ],
  [
    "an import that is not in package.json",
    () => importTs("node_modules/left/index.js", "left"),
    "project/dependencies",
    /left is imported/,
  ],
  [
    "an import of a development's package",
    () => importTs("node_modules/left/index.js", "left", true),
    "project/dependencies",
    /devDependency/,
  ],
  ["no lock", () => unlinkSync(join(folder, "package-lock.json")), "project/lock", /no package-lock/],
  [
    "a lock of other versions",
    () => change("package-lock.json", '"1.0.0"}', '"0.9.0"}'),
    "project/lock",
    /kserve-transformer/,
  ],
  [
    "packages that are not installed",
    () => unlinkSync(join(folder, "node_modules/kserve-transformer")),
    "project/installed",
    /not installed/,
  ],
  ["CommonJS", () => change("package.json", '"type": "module",', ""), "project/package", /"type": "module"/],
  ["package.json that is none", () => write("package.json", "{,}"), "project/package", /no JSON/],
  [
    "onnx without its runtime",
    () => change("package.json", "serve transformer.ts", "serve transformer.ts --predictor onnx:m.onnx"),
    "project/dependencies",
    /script serve/,
  ],
  ["no tests", () => unlinkSync(join(folder, "transformer.test.ts")), "project/tests", /none/],
  [
    "an image of root",
    () => write("Dockerfile", `${read("Dockerfile")}\nUSER root\n`),
    "project/dockerfile",
    /runAsNonRoot/,
  ],
  [
    "an image that starts by npm",
    () => write("Dockerfile", `${read("Dockerfile")}\nCMD ["npm", "start"]\n`),
    "project/dockerfile",
    /controller's arguments/,
  ],
  [
    "a command in a shell",
    () => write("Dockerfile", `${read("Dockerfile")}\nENTRYPOINT node \\\n  server.js\n`),
    "project/dockerfile",
    /SIGTERM/,
  ],
  ["a floating base", () => write("Dockerfile", "FROM node:latest\nUSER 1000\n"), "project/dockerfile", /each day/],
  ["an Alpine base", () => write("Dockerfile", "FROM node:24-alpine\nUSER 1000\n"), "project/dockerfile", /musl/],
  [
    "development's packages in an image",
    () => write("Dockerfile", "FROM node:24-slim\nRUN npm ci\n"),
    "project/dockerfile",
    /only development/,
  ],
  [
    "a manifest that KServe refuses",
    () => change("inferenceservice.yaml", "kind: InferenceService", "kind: InferenceServices"),
    "project/manifest",
    /no kind/,
  ],
];

function importTs(file: string, name: string, isDevelopment = false): void {
  mkdirSync(join(folder, file, ".."), { recursive: true });
  write(file, "export const left = 1;");
  write("node_modules/left/package.json", '{"name":"left","version":"1.0.0","type":"module","exports":"./index.js"}');
  write("node_modules/left/index.d.ts", "export const left: number;");
  write("transformer.ts", `import { left } from "${name}";\nvoid left;\n${read("transformer.ts")}`);
  if (!isDevelopment) return;
  change("package.json", '"devDependencies": {', '"devDependencies": {\n    "left": "1.0.0",');
  writeLock();
}

test.each(FAULTS)("%s is found, and nothing else, with a sentence that fixes it", async (_fault, seed, check, said) => {
  seed();
  const run = await doctor();
  expect(faultsOf(run)).toEqual([check]);
  const finding = run.findings.find(({ state }) => state === "error" || state === "warning");
  expect(finding?.message).toMatch(said);
  expect(finding?.fix).toMatch(/^\S.*\.$/);
});

test("what init writes has no faults, its types are checked by its own compiler", async () => {
  for (const name of ["typescript", "@types"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  const run = await doctor();
  expect(faultsOf(run)).toEqual([]);
  expect(run.findings.find(({ check }) => check === "project/types")?.message).toBe("fit");
  change("transformer.ts", "export default", 'export const wrong: number = "text";\nexport default');
  const changed = await doctor();
  expect(faultsOf(changed)).toEqual(["project/types"]);
}, 60_000);

test("--fix writes what is safe, and says that it is fixed; the next run finds nothing of it", async () => {
  change("package.json", '"type": "module",', "");
  write("Dockerfile", `${read("Dockerfile")}\nCOPY . /transformer/\n`);
  const before = await doctor();
  expect(faultsOf(before)).toEqual(["project/package", "project/dockerfile"]);
  expect(existsSync(join(folder, ".dockerignore"))).toBe(false);
  const fixing = await doctor("--fix");
  expect(fixing.code).toBe(0);
  expect(fixing.findings.filter(({ fixed }) => fixed).map(({ check }) => check)).toEqual([
    "project/package",
    "project/dockerfile",
  ]);
  expect(JSON.parse(read("package.json")).type).toBe("module");
  expect(faultsOf(await doctor())).toEqual([]);
}, 60_000);

test("a folder without a project is passed over", async () => {
  folder = join(folder, "..", "empty");
  mkdirSync(folder);
  const run = await doctor();
  expect(run).toEqual({
    code: 0,
    findings: [expect.objectContaining({ check: "project/transformer", state: "skipped" })],
  });
});
