import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildCommand } from "../../cli/command-process.ts";
import { MISTAKES, moduleText, placeIn, testText } from "./mistakes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const MODULES = ["@jest", "@swc", "jest", "jest-environment-node", "jiti", "vitest"];

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "mistakes-"));
  const modules = join(cwd, "node_modules");
  mkdirSync(modules);
  for (const name of MODULES) symlinkSync(join(root, "node_modules", name), join(modules, name));
  symlinkSync(fileURLToPath(new URL("../../..", pathToFileURL(buildCommand()))), join(modules, "kserve-transformer"));
  writeFileSync(join(cwd, "package.json"), '{ "type": "module" }');
  for (const file of ["jest/jest.config.js", "vitest/vitest.config.js"]) {
    cpSync(join(root, "templates", file), join(cwd, basename(file)));
  }
  for (const mistake of MISTAKES) writeFileSync(join(cwd, `${mistake.name}.ts`), moduleText(mistake));
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** The script of `init --tests`, a test file at a time where the runner takes no more. */
const RUNNERS = [
  ["node:test", (files: readonly string[]) => files.map((file) => ["node_modules/jiti/lib/jiti-cli.mjs", file])],
  [
    "@jest/globals",
    (files: readonly string[]) => [["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "-i", ...files]],
  ],
  ["vitest", (files: readonly string[]) => [["node_modules/vitest/vitest.mjs", "run", ...files]]],
] as const;

describe.each(RUNNERS)("under %s", (runner, commands) => {
  let output: string;

  beforeAll(() => {
    for (const mistake of MISTAKES) writeFileSync(join(cwd, `${mistake.name}.test.ts`), testText(mistake, runner));
    const { CI: _ci, NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const options = { cwd, env: { ...env, NO_COLOR: "1", FORCE_COLOR: "0" }, encoding: "utf8" } as const;
    const runs = commands(MISTAKES.map(({ name }) => `${name}.test.ts`)).map((argv) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, argv, options);
      expect(status).not.toBe(0);
      return stdout + stderr;
    });
    output = runs.join("\n");
  }, 120_000);

  test.each(MISTAKES)("$name: the message names it, and the author's own line before the framework's", (mistake) => {
    const { name, message } = mistake;
    const place =
      placeIn(`${name}.ts`, moduleText(mistake)) ?? placeIn(`${name}.test.ts`, testText(mistake, runner)) ?? "";
    // From each time that the mistake is named to the author's line: a runner lists failures and tells of them below.
    const told = output.split(message).slice(1);
    const ways = told.map((text) => text.slice(0, text.indexOf(`${place}:`) + 1)).filter((way) => way !== "");
    expect([told.length > 0, ways.length > 0]).toEqual([true, true]);
    expect(ways.filter((way) => !way.includes("/dist/src/"))).not.toEqual([]);
  });
});
