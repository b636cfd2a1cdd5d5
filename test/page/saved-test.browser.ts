import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createTensor, type InferRequest } from "kserve-transformer";
import { createFunctionPredictor } from "kserve-transformer/predictor";
import { describeInBrowser, openPage, startServer } from "./browser.ts";
import LocalTransformer from "./saved-local.ts";
import LengthTransformer from "./saved-model.ts";

/** Inside of the repository, where `kserve-transformer` is its build. */
const folder = fileURLToPath(new URL("../../.cache/saved-test/", import.meta.url));
const jiti = fileURLToPath(new URL("../../node_modules/jiti/lib/jiti-cli.mjs", import.meta.url));
beforeAll(() => void mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const predictor = createFunctionPredictor((request: InferRequest) => {
  const { data, shape } = request.input("length", "FP32");
  const doubled = data.map((length) => 2 * length);
  return { outputs: [createTensor("double", "FP32", shape, doubled)] };
});

describeInBrowser("a test that the page saves", () => {
  test.each([
    ["with what the predictor gave", LengthTransformer, "saved-model", { predictor }],
    ["of a transformer with its own predict", LocalTransformer, "saved-local", {}],
  ])("passes, %s", async (_title, transformer, file, options) => {
    const playground = { module: `../../test/page/${file}.ts` };
    const page = await openPage(await startServer(transformer, { modelName: "m", playground, ...options }));
    await page.click('.example:has-text("two")');
    await page.click("text=Take it with you");
    await page.click("text=Save as a test, node:test");
    const text = (await page.textContent(".snippet pre")) ?? "";
    const path = `${folder}${file}.test.ts`;
    writeFileSync(path, text);
    expect(text).toContain('"double":10');
    expect(execFileSync(process.execPath, [jiti, path], { encoding: "utf8" })).toContain("# pass 1");
    // The test holds something: another response fails it.
    writeFileSync(path, text.replace('"double":10', '"double":11'));
    expect(() => execFileSync(process.execPath, [jiti, path], { stdio: "ignore" })).toThrow("Command failed");
  });
});
