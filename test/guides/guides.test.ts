import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseTabularSpecification } from "kserve-transformer/tabular";
import { testTransformer } from "kserve-transformer/testing";
import { parseAllDocuments } from "yaml";
import type { Command } from "../../src/cli/command.ts";
import { command as check } from "../../src/cli/commands/check.ts";
import { command as infer } from "../../src/cli/commands/infer.ts";
import { command as init } from "../../src/cli/commands/init.ts";
import { command as manifest } from "../../src/cli/commands/manifest.ts";
import { command as serve } from "../../src/cli/commands/serve.ts";
import { parseFlags } from "../../src/cli/flags/parse-flags.ts";
import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";
import { TabularTransformer } from "../../transformers/tabular/transformer.ts";
import { transformerCommands } from "./shell-commands.ts";

const folder = fileURLToPath(new URL("../../docs/guides/", import.meta.url));
const COMMANDS: Readonly<Record<string, Command>> = { serve, infer, init, manifest, check };

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const pages = readdirSync(folder).filter((file) => file.endsWith(".md"));
const blocks: Block[] = pages.flatMap((page) =>
  [...readFileSync(folder + page, "utf8").matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", text = ""]) => ({ page, language, text }),
  ),
);
const blocksOf = (...languages: string[]) =>
  blocks.filter(({ language }) => languages.includes(language)).map((block): [string, Block] => [label(block), block]);

function label({ page, text }: Block): string {
  return `${page}: ${text.trim().split("\n")[0]}`;
}

test("the guides are there, and their blocks are found", () => {
  expect(pages.length).toBeGreaterThanOrEqual(10);
  for (const language of ["bash", "yaml", "python", "json", "text"]) expect(blocksOf(language)).not.toEqual([]);
});

test("every language of a block is one that is checked, or plain text", () => {
  const known = ["bash", "yaml", "json", "python", "dockerfile", "ts", "text"];
  expect(blocks.filter(({ language }) => !known.includes(language)).map(label)).toEqual([]);
});

test.each(blocksOf("yaml"))("%s is YAML, and check has nothing to say of its services", (_name, { text }) => {
  const documents = parseAllDocuments(text);
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  expect(checkManifest(text).findings).toEqual([]);
  const services = documents.filter((document) => document.get("kind") === "InferenceService");
  expect(checkManifest(text).services).toBe(services.length);
});

test.each(blocksOf("json"))("%s is JSON", (_name, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow();
});

test.each(blocksOf("python"))("%s stands in one of the guides' files", (_name, { text }) => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".py"));
  expect(files.some((file) => readFileSync(folder + file, "utf8").includes(text))).toBe(true);
});

test("the answer in the churn guide is that of the example's specification", async () => {
  const [, block] = blocksOf("json").find(([, { page }]) => page === "churn.md") ?? [];
  const file = new URL("../../examples/churn/churn.json", import.meta.url);
  const specification = JSON.parse(readFileSync(file, "utf8"));
  const text = JSON.stringify({ ...specification, probabilities: "coefficients" });
  const churn = testTransformer(new TabularTransformer(parseTabularSpecification(text, "churn.json")));
  const customer = { contract: "month-to-month", tenure: 2, monthlycharges: 85.5 };
  const answer = await churn.predict({ instances: [customer] });
  await churn.close();
  expect(answer.json).toEqual(JSON.parse(block?.text ?? ""));
  expect(readFileSync(`${folder}churn.md`, "utf8")).toContain(JSON.stringify(customer).replaceAll(/([:,])/g, "$1 "));
});

describe("shell", () => {
  const hasBash = spawnSync("bash", ["-c", ":"]).status === 0;
  (hasBash ? test : test.skip).each(blocksOf("bash"))("%s parses", (_name, { text }) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  const commands = blocksOf("bash").flatMap(([, block]) =>
    transformerCommands(block.text).map((argv): [string, readonly string[]] => [
      `${block.page}: ${argv.join(" ")}`,
      argv,
    ]),
  );

  test("commands of this package are among them", () => {
    expect(new Set(commands.map(([, [name]]) => name))).toEqual(new Set(Object.keys(COMMANDS)));
  });

  test.each(commands)("%s is a command line that this package takes", async (_name, [name = "", ...argv]) => {
    const command = COMMANDS[name];
    if (command === undefined) throw new Error(`no command ${name}`);
    if (name === "manifest") {
      let printed = "";
      const print = (text: string) => {
        printed += text;
      };
      await command.run(argv, { env: {}, cwd: "/", print, warn: print, signal: new AbortController().signal });
      expect(checkManifest(printed)).toMatchObject({ services: 1, findings: [] });
    } else {
      const { unknown, positionals } = parseFlags(command.flags, argv);
      expect(unknown).toEqual([]);
      if (name !== "check") expect(positionals.length).toBeLessThanOrEqual(1);
    }
  });
});

test.each(blocksOf("dockerfile"))("%s begins from the base image and copies or sets something", (_name, { text }) => {
  const lines = text.trim().split("\n");
  expect(lines[0]).toMatch(/^FROM kserve-transformer$/);
  expect(lines.slice(1).filter((line) => !/^(COPY|ENV) \S+|^RUN kserve-transformer install$/.test(line))).toEqual([]);
});
