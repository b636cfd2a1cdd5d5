import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, runCommand, startServe } from "./command-process.ts";

let cwd: string;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "install-compiles-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** What was made of the module: jiti keeps one file of it, Node 24 several. */
function keptTexts(): string[] {
  const folder = join(cwd, ".cache/kserve-transformer");
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
  return texts.filter((text) => text.includes("a mark in a module"));
}

const OWN = `
import { type InferRequest, Transformer } from "kserve-transformer";
export default class Own extends Transformer {
  predict(request: InferRequest) { return request.reply({ predictions: ["a mark in a module"] }); }
}`;

test("install keeps the compiled module, and serve finds it", async () => {
  writeFileSync(join(cwd, "own.ts"), OWN);
  expect(await runCommand(["install"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  const kept = keptTexts();
  expect(kept).not.toEqual([]);
  expect(kept.join()).not.toContain("request: InferRequest");
  const server = await startServe(["own.ts", "--predictor", "none", "--drain_seconds", "0"], { cwd });
  expect((await server.end()).code).toBe(0);
  expect(keptTexts()).toHaveLength(kept.length);
});

test("a module that cannot be imported yet is told of, and is no failure", async () => {
  writeFileSync(
    join(cwd, "own.ts"),
    `${OWN}\nif (process.env.MODEL === undefined) throw new Error("MODEL is not set");`,
  );
  const { code, stderr } = await runCommand(["install"], { cwd });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^not compiled beforehand: own\.ts cannot be imported: .*MODEL is not set/);
});

test("a module that leaves something open does not hold a build", async () => {
  writeFileSync(join(cwd, "own.ts"), `${OWN}\nsetInterval(() => undefined, 1000);`);
  expect(await runCommand(["install"], { cwd })).toMatchObject({ code: 0, stderr: "" });
});
