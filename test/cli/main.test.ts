import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { SERVE_FLAGS } from "../../src/contract/flags.ts";
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
  const { code, stderr } = await runCommand(["server"], { cwd });
  expect(stderr).toMatch(/^kserve-transformer: no command "server"; there are serve(, [a-z]+)*\n$/);
  expect(code).toBe(2);
});

test("the help of serve names every flag, and is shown without a transformer", async () => {
  const { code, stdout } = await runCommand(["serve", "--help"], { cwd });
  expect(code).toBe(0);
  for (const name of Object.keys(SERVE_FLAGS)) expect(stdout).toMatch(new RegExp(`^ {2}--${name}\\b`, "m"));
});
