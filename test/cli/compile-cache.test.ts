import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../src/threads/cache-folder.ts";
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

test.each(["/nonexistent-home", "", "relative"])("a home of %j is none, and none is made", async (home) => {
  const { code, stderr } = await runCommand(["check", "--help"], { cwd, env: { HOME: home } });
  expect([code, stderr]).toEqual([0, ""]);
  expect([readdirSync(cwd), existsSync("/nonexistent-home")]).toEqual([[], false]);
});

test("what another user may have written is not run", () => {
  const own = process.getuid?.() ?? 0;
  const folder = cacheFolder(own, cwd);
  expect(folder).toBe(join(cwd, ".cache/kserve-transformer"));
  // Root's folders are anybody's to run, so as root the folder is given to somebody.
  if (own === 0) chownSync(folder as string, 12345, 12345);
  expect(cacheFolder(54321, cwd)).toBeUndefined();
  expect(cacheFolder(own === 0 ? 12345 : own, cwd)).toBe(folder);
});

test.each(["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"])(
  "%s is followed, and nothing is made beside it",
  async (name) => {
    const value = name === "NODE_COMPILE_CACHE" ? join(cwd, "chosen") : "1";
    expect((await runCommand(["check", "--help"], { cwd, env: { [name]: value } })).code).toBe(0);
    expect(readdirSync(cwd).filter((file) => file !== "chosen")).toEqual([]);
  },
);
