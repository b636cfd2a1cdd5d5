import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { COMMON_FLAGS, SERVE_FLAGS } from "../../src/contract/flags.ts";
import { OWN_FLAG_GROUPS } from "../../src/contract/own-flags.ts";
import { buildCommand, runCommand } from "./command-process.ts";

const cwd = tmpdir();
const version = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

beforeAll(() => void buildCommand(), 60_000);

test("--version prints the package's", async () => {
  expect(await runCommand(["--version"], { cwd })).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("without a command the commands are listed and the exit code is that of a wrong command line", async () => {
  const { code, stdout } = await runCommand([], { cwd });
  expect(stdout).toMatch(/^Usage: kserve-transformer COMMAND/);
  expect(stdout).toMatch(/^ {2}serve +Serve a transformer$/m);
  expect(code).toBe(2);
  expect((await runCommand(["--help"], { cwd })).code).toBe(0);
});

test("a command that is not there is named beside those that are", async () => {
  const { code, stderr } = await runCommand(["publish"], { cwd });
  expect(stderr).toMatch(/^kserve-transformer: no command "publish"; there are serve(, [a-z]+)*\n$/);
  expect(code).toBe(2);
  const { stderr: near } = await runCommand(["server"], { cwd });
  expect(near).toBe('kserve-transformer: no command "server": did you mean serve?\n');
});

test("an old Node is told in a sentence, before a package that it cannot read", async () => {
  const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.8"}})';
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(old)}` };
  expect(await runCommand(["serve", "a.ts"], { cwd, env })).toMatchObject({
    code: 1,
    stderr: `kserve-transformer: ${version} needs Node 20.19 or newer, and this is 18.20.8: install a newer one, for example with nvm install 24\n`,
  });
});

test("the help of serve shows the common flags, and says how to see the others", async () => {
  const { code, stdout } = await runCommand(["serve", "--help"], { cwd });
  expect(code).toBe(0);
  expect([...stdout.matchAll(/^ {2}--(\w+)/gm)].map(([, name]) => name).sort()).toEqual([...COMMON_FLAGS].sort());
  expect(stdout).toContain("serve --help --all shows all flags.");
});

test("the whole help of serve names every flag once, by subject", async () => {
  const { stdout } = await runCommand(["serve", "--help", "--all"], { cwd });
  expect([...stdout.matchAll(/^ {2}--(\w+)/gm)].map(([, name]) => name).sort()).toEqual(
    Object.keys(SERVE_FLAGS).sort(),
  );
  for (const title of Object.keys(OWN_FLAG_GROUPS)) expect(stdout).toContain(`\n${title}:\n`);
});

test.each([
  ["dev", ["mock", "open"], ["workers", "enable_playground"]],
  ["batch", ["input", "output", "resume"], ["http_port"]],
])("the help of %s begins with its own flags", async (command, own, others) => {
  const { stdout: short } = await runCommand([command, "--help"], { cwd: tmpdir() });
  const { stdout: long } = await runCommand([command, "--help", "--all"], { cwd: tmpdir() });
  const [first = ""] = long.slice(long.indexOf(`Flags of ${command}:`)).split("\n\n");
  for (const flag of own) {
    expect(short).toContain(`  --${flag} `);
    expect(first).toContain(`  --${flag} `);
  }
  for (const flag of others) expect(short).not.toContain(`  --${flag} `);
});

test("a reader that leaves, as `head` does, ends a command without a word", async () => {
  const child = spawn(process.execPath, [buildCommand(), "serve", "--help", "--all"]);
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  expect(await once(child, "close")).toEqual([141, null]);
  expect(stderr).toBe("");
});
