import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, runCommand } from "./command-process.ts";

let cwd: string;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "compile-cache-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

test("what was compiled is kept in the user's own folder where Node can keep it", async () => {
  expect((await runCommand(["check", "--help"], { cwd })).code).toBe(0);
  const folder = join(cwd, ".cache/kserve-transformer");
  const kept = existsSync(folder) ? readdirSync(folder) : [];
  expect(kept).toEqual("enableCompileCache" in module ? [expect.stringContaining(process.version)] : []);
});

test("a home that nobody can write to is no hindrance", async () => {
  const { code, stderr } = await runCommand(["check", "--help"], { cwd, env: { HOME: "/dev/null" } });
  expect([code, stderr]).toEqual([0, ""]);
});
