import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { checkManifest } from "../../../src/manifest/checks/check-manifest.ts";
import { buildCommand, type FinishedCommand, runCommand } from "../command-process.ts";

const REST = ["--image", "registry.example/a:1", "--predictor", "sklearn", "--storage_uri", "s3://models/a"];
let folder: string;

beforeAll(() => {
  buildCommand();
  folder = mkdtempSync(join(tmpdir(), "from-"));
  mkdirSync(join(folder, "Price List"));
  writeFileSync(join(folder, "settings.mjs"), "export const region = (env) => env['REGION'];\n");
  writeFileSync(
    join(folder, "Price List", "transformer.mjs"),
    `import { Transformer } from "kserve-transformer";
import { region } from "../settings.mjs";
class Prices extends Transformer {
  inputs = [{ name: "x", datatype: "FP32", shape: [-1, 3] }];
  constructor(env) {
    super();
    if (!env.CURRENCY) throw new Error("CURRENCY must be set");
    this.region = region(env);
  }
  preprocess(request) { return request.withInputs(request.inputs); }
}
export default ({ env }) => new Prices(env);
`,
  );
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function manifest(...argv: string[]): Promise<FinishedCommand> {
  return runCommand(["manifest", ...argv], { cwd: folder });
}

const FROM = ["--from", "Price List/transformer.mjs"];

test("the manifest names the service after the transformer, and says what it is and reads", async () => {
  const { stdout } = await manifest(...FROM, "--env", "CURRENCY=EUR", ...REST);
  expect(stdout.split("apiVersion")[0]).toBe(
    "# transformer.mjs: preprocess\n# inputs: x FP32[-1,3]\n# reads REGION, which is not set here: --env REGION=VALUE\n",
  );
  expect(parse(stdout).metadata.name).toBe("price-list");
  expect(checkManifest(stdout).findings).toEqual([]);
  const named = await manifest("other", ...FROM, "--env", "CURRENCY=EUR", ...REST);
  expect(parse(named.stdout).metadata.name).toBe("other");
});

test("a transformer that cannot be made without a variable names it; a file without one is refused", async () => {
  expect((await manifest(...FROM, ...REST)).stderr).toMatch(
    /CURRENCY must be set.*; it reads CURRENCY, REGION: give what it needs with --env NAME=VALUE/,
  );
  expect((await manifest("--from", "settings.mjs", ...REST)).stderr).toMatch(/settings\.mjs has no default export/);
  expect(await manifest(...REST)).toMatchObject({ code: 2, stderr: expect.stringContaining("expected one NAME") });
});
