import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../src/cli/commands/install.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function install(env: Record<string, string | undefined>, ...argv: string[]): Promise<[number, string]> {
  let output = "";
  const print = (text: string) => {
    output += text;
  };
  const signal = new AbortController().signal;
  return [await command.run(argv, { env, cwd: folder, print, warn: print, signal }), output];
}

/** A package in a folder beside, so that no registry is asked. */
function addPackage(name: string): string {
  mkdirSync(join(folder, "packages", name), { recursive: true });
  writeFileSync(join(folder, "packages", name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
  return `file:./packages/${name}`;
}

test("what the transformer needs is installed, what its tests need is not", async () => {
  const project = {
    name: "project",
    version: "1.0.0",
    dependencies: { needed: addPackage("needed") },
    devDependencies: { "for-tests": addPackage("for-tests") },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(project));
  expect((await install(process.env))[0]).toBe(0);
  expect(existsSync(join(folder, "node_modules/needed/package.json"))).toBe(true);
  expect(existsSync(join(folder, "node_modules/for-tests"))).toBe(false);
  expect(existsSync(join(folder, "package-lock.json"))).toBe(false);
}, 60_000);

test("npm's failure is the command's", async () => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ dependencies: { gone: "file:./gone" } }));
  // A lock that does not fit: npm ci refuses it without asking a registry.
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages: {} }));
  expect((await install(process.env))[0]).not.toBe(0);
}, 60_000);

test("without a package.json there is nothing to do", async () => {
  expect(await install(process.env)).toEqual([0, `no package.json in ${folder}: nothing to install\n`]);
});

test("without npm it says where to install instead", async () => {
  writeFileSync(join(folder, "package.json"), "{}");
  await expect(install({ PATH: folder })).rejects.toThrow("there is no npm here: install in a build stage");
});

test("a flag is refused", async () => {
  await expect(install(process.env, "--force")).rejects.toThrow("--force: install has no flags");
});
