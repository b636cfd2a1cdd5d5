import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { command as check } from "../../src/cli/commands/check.ts";
import { command } from "../../src/cli/commands/init.ts";
import { findTransformer } from "../../src/cli/transformer/find-transformer.ts";
import { buildCommand } from "../cli/command-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const TEMPLATES = ["blank", "image", "tabular", "text", "completion"] as const;

let builtPackage: string;
beforeAll(() => {
  builtPackage = fileURLToPath(new URL("../../..", pathToFileURL(buildCommand())));
}, 60_000);

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "init-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function run(which: typeof command, ...argv: string[]): Promise<{ code: number; output: string }> {
  let output = "";
  const print = (text: string) => {
    output += text;
  };
  const code = await which.run(argv, { env: {}, cwd, print, warn: print, signal: new AbortController().signal });
  return { code, output };
}

describe.each(TEMPLATES)("a project from the template %s", (template) => {
  test("has what a project needs, under its own name, with nothing left to fill in by hand", async () => {
    const { code, output } = await run(command, "shop-model", "--template", template);
    expect(code).toBe(0);
    const folder = join(cwd, "shop-model");
    const own = { tabular: ["specification.json"], text: ["tokenizer.json"] } as Partial<Record<string, string[]>>;
    expect(readdirSync(folder).sort()).toEqual(
      [
        ...[
          ".gitignore",
          "Dockerfile",
          "README.md",
          "inferenceservice.yaml",
          "local.ts",
          "package.json",
          "request.json",
        ],
        ...[...(own[template] ?? []), "transformer.test.ts", "transformer.ts", "tsconfig.json"],
      ].sort(),
    );
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file), "utf8")).not.toMatch(/\{\{|_package/);
    const project = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { "kserve-transformer": specification = "" } = project.dependencies;
    expect(project.name).toBe("shop-model");
    expect(resolve(folder, specification.replace(/^file:/, ""))).toBe(resolve(root));
    expect(Object.keys(project.scripts)).toEqual(expect.arrayContaining(["dev", "test", "typecheck", "serve"]));
    const path = template === "completion" ? "/openai/v1/chat/completions" : "/v1/models/shop-model:predict";
    expect(output).toContain(`curl http://localhost:8080${path} `);
    expect(readFileSync(join(folder, "README.md"), "utf8")).toContain(`curl http://localhost:8080${path} `);
  });

  test("has an InferenceService that check has nothing to say of", async () => {
    await run(command, "shop-model", `--template=${template}`);
    expect(await run(check, "shop-model/inferenceservice.yaml")).toEqual({
      code: 0,
      output: "shop-model/inferenceservice.yaml: 1 InferenceService, 0 errors, 0 warnings\n",
    });
  });

  test("has an image that copies every file that the transformer reads, and one module", async () => {
    await run(command, "shop-model", "--template", template);
    const folder = join(cwd, "shop-model");
    const [from, copy, install] = readFileSync(join(folder, "Dockerfile"), "utf8")
      .trimEnd()
      .split("\n")
      .slice(template === "text" ? -4 : 0)
      .filter((line) => !line.includes("--from="));
    expect([from, install]).toEqual(["FROM kserve-transformer", "RUN kserve-transformer install"]);
    const copied = (copy ?? "").split(" ").slice(1, -1);
    const image = join(cwd, "transformer");
    mkdirSync(image);
    for (const file of copied) writeFileSync(join(image, file), readFileSync(join(folder, file)));
    expect(findTransformer(undefined, image).label).toBe("transformer.ts");
    const read = [...readFileSync(join(folder, "transformer.ts"), "utf8").matchAll(/new URL\("([^"]+)"/g)];
    expect(read.map(([, file]) => file).filter((file) => !copied.includes(file ?? ""))).toEqual([]);
  });

  test("passes its own tests against the built package", async () => {
    await run(command, "shop-model", "--template", template);
    const modules = join(cwd, "node_modules");
    mkdirSync(modules);
    symlinkSync(builtPackage, join(modules, "kserve-transformer"));
    symlinkSync(join(root, "node_modules/jiti"), join(modules, "jiti"));
    const argv = [join(modules, "jiti/lib/jiti-cli.mjs"), "transformer.test.ts"];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const tests = spawnSync(process.execPath, argv, { cwd: join(cwd, "shop-model"), env, encoding: "utf8" });
    expect([tests.status, tests.stdout]).toEqual([0, expect.stringMatching(/^[#ℹ] pass 3$/m)]);
  }, 60_000);
});

describe("init refuses", () => {
  test("a folder that is not empty, and leaves it as it is", async () => {
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop/notes.txt"), "mine");
    await expect(run(command, "shop")).rejects.toMatchObject({
      code: "invalid_argument",
      message: "shop is not empty (there is notes.txt); expected the name of a new folder",
    });
    expect(readdirSync(join(cwd, "shop"))).toEqual(["notes.txt"]);
  });

  test.each([
    [["Shop"], "KServe refuses the name Shop"],
    [["a".repeat(47)], "The name has 47 characters"],
    [[], "expected one NAME for the project, got none"],
    [["a", "b"], "expected one NAME for the project, got a b"],
    [["shop", "--template", "audio"], '--template expects one of blank, image, tabular, text, completion, got "audio"'],
    [["shop", "--force"], "--force: init has --template, --tests and --package"],
  ])("%j", async (argv, sentence) => {
    await expect(run(command, ...argv)).rejects.toMatchObject({ message: expect.stringContaining(sentence) });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("the dependency", () => {
  const specificationOf = async (...argv: string[]) => {
    await run(command, "models/shop", ...argv);
    return JSON.parse(readFileSync(join(cwd, "models/shop/package.json"), "utf8")).dependencies["kserve-transformer"];
  };

  test.each([
    ["^2.0.0", "^2.0.0"],
    ["./kserve-transformer-0.1.0.tgz", "file:../../kserve-transformer-0.1.0.tgz"],
    ["file:checkout", "file:../../checkout"],
    ["/packed/k.tgz", "file:/packed/k.tgz"],
    ["https://example.com/k.tgz", "https://example.com/k.tgz"],
  ])("--package %s is written as %s, from the project's folder", async (given, written) => {
    expect(await specificationOf("--package", given)).toBe(written);
  });
});

test.each([
  ["jest", "@jest/globals", "jest.config.js"],
  ["vitest", "vitest", "vitest.config.js"],
])("--tests %s writes its configuration, its import, and what it needs", async (runner, module, file) => {
  await run(command, "shop", "--tests", runner);
  const { scripts, devDependencies } = JSON.parse(readFileSync(join(cwd, "shop/package.json"), "utf8"));
  expect(scripts.test).toContain(runner);
  expect(devDependencies).toHaveProperty([module]);
  expect(devDependencies).not.toHaveProperty("jiti");
  expect(readFileSync(join(cwd, "shop/transformer.test.ts"), "utf8")).toContain(`import { test } from "${module}";`);
  expect(existsSync(join(cwd, "shop", file))).toBe(true);
});

test("an empty folder and a path are taken", async () => {
  mkdirSync(join(cwd, "models/shop"), { recursive: true });
  await run(command, "models/shop");
  expect(existsSync(join(cwd, "models/shop/package.json"))).toBe(true);
});
