import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { command } from "../../../src/cli/commands/check.ts";
import { buildCommand, runCommand } from "../command-process.ts";

const cwd = fileURLToPath(new URL("../../fixtures/manifests/bad/", import.meta.url));

async function check(...argv: string[]): Promise<{ code: number; output: string }> {
  let output = "";
  const print = (text: string) => {
    output += text;
  };
  const code = await command.run(argv, { env: {}, cwd, print, warn: print, signal: new AbortController().signal });
  return { code, output };
}

test("several files are answered one after the other, and one error makes the exit code", async () => {
  const { code, output } = await check("timeout-in-standard.yaml", "image-missing.yaml");
  expect(code).toBe(1);
  expect(output).toMatch(/^timeout-in-standard\.yaml:14: warning: /);
  expect(output).toMatch(/\nimage-missing\.yaml: 1 InferenceService, 1 error, 0 warnings\n$/);
});

test("warnings alone leave the exit code 0", async () => {
  expect(await check("timeout-in-standard.yaml")).toMatchObject({ code: 0 });
});

test("a file without an InferenceService is not called clean", async () => {
  const { code, output } = await check("../secret.yaml");
  expect(code).toBe(1);
  expect(output).toBe(
    "../secret.yaml: 0 InferenceServices, 0 errors, 0 warnings: nothing here to check; not checked: Secret\n",
  );
});

test("what the manifest names beats what the caller names", async () => {
  expect((await check("zero-replicas-in-standard.yaml", "--mode", "knative")).output).toContain("1 warning");
  expect((await check("name-with-namespace-too-long.yaml", "--namespace=x")).output).toContain("1 error");
});

test.each([
  [[], "expected a YAML file to check, got none"],
  [["none.yaml"], "none.yaml cannot be read: ENOENT"],
  [["--strict", "x.yaml"], "--strict: check has --namespace, --mode and --fix only"],
])("%j is refused in one sentence", async (argv, sentence) => {
  await expect(check(...argv)).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(sentence),
  });
});

test("the command of the package reads standard input, and its exit code tells errors from bad files", async () => {
  const child = spawn(process.execPath, [buildCommand(), "check", "-"], { stdio: ["pipe", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stdin.end("apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: x}\nspec: {}\n");
  const [code] = await once(child, "close");
  expect([code, output]).toEqual([
    1,
    expect.stringMatching(/^-:4: error: spec\.predictor: The service has no predictor/),
  ]);
  expect(await runCommand(["check", "none.yaml"], { cwd })).toMatchObject({ code: 2 });
}, 60_000);
