import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ServerHandle, serve, Transformer } from "kserve-transformer";
import { createHttpPredictor, createOnnxPredictor } from "kserve-transformer/predictor";
import createOcr from "../../../examples/ocr/ocr.ts";
import { ask } from "../ask.ts";
import { writeDocTable } from "../parity/write-doc-table.ts";
import { pythonOf } from "../start-server.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/ocr/", import.meta.url));
const DRAW = fileURLToPath(new URL("ocr_pictures.py", import.meta.url));

interface Line {
  readonly text: string;
  readonly score: number;
  readonly box: readonly (readonly [number, number])[];
}

interface Reference {
  readonly name: string;
  readonly drawn: readonly string[];
  readonly lines: readonly Line[];
}

const folder = mkdtempSync(join(tmpdir(), "ocr-"));
let service: ServerHandle;
let behindServer: ServerHandle;
let models: ServerHandle;
let reference: Reference[];

beforeAll(async () => {
  const python = pythonOf("ocr");
  execFileSync(python, [join(EXAMPLE, "get_models.py"), folder]);
  execFileSync(python, [DRAW, "--pictures", "24", "--out", folder]);
  reference = JSON.parse(readFileSync(join(folder, "reference.json"), "utf8"));
  service = await serve(await createOcr({ env: { OCR_MODELS: folder } }), {
    modelName: "ocr",
    host: "127.0.0.1",
    port: 0,
    predictor: createOnnxPredictor({ path: join(folder, "detector.onnx") }),
  });
  class Model extends Transformer {}
  const served = ["detector", "turner", "recogniser"].map((name) => {
    const predictor = createOnnxPredictor({ path: join(folder, `${name}.onnx`) });
    return [name, { transformer: Model, predictor }] as const;
  });
  // The detector gets a low, wide picture enlarged to 736 × 12224 pixels: 108 MB.
  const limits = { maxBodyBytes: 2 ** 28 };
  models = await serve(Object.fromEntries(served), { host: "127.0.0.1", port: 0, limits });
  const { host } = new URL(models.url);
  behindServer = await serve(await createOcr({ env: { OCR_MODELS: folder, OCR_HOST: host } }), {
    modelName: "ocr",
    host: "127.0.0.1",
    port: 0,
    predictor: createHttpPredictor({ protocol: "v2", binary: "on", host, predictorModelName: "detector" }),
  });
});
afterAll(async () => {
  for (const server of [behindServer, service, models]) await server?.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ["models in this process", () => service],
  ["models behind a V2 server", () => behindServer],
])("every text and every corner is RapidOCR's: %s", async (_, asked) => {
  let lines = 0;
  let distance = 0;
  for (const { name, lines: expected } of reference) {
    const b64 = readFileSync(join(folder, name)).toString("base64");
    const answer = await ask(asked().url, "ocr", { instances: [{ b64 }] });
    expect([name, answer.status, answer.json["error"]]).toEqual([name, 200, undefined]);
    const [ours = []] = answer.json["predictions"] as unknown as Line[][];
    const place = ({ text, box }: Line) => ({ text, box });
    expect([name, ours.map(place)]).toEqual([name, expected.map(place)]);
    lines += ours.length;
    for (const [index, { score }] of ours.entries()) {
      distance = Math.max(distance, Math.abs(score - (expected[index]?.score ?? Number.NaN)));
    }
  }
  expect(lines).toBeGreaterThan(40);
  expect(distance).toBeLessThan(1e-3);
  const largest = distance < 1e-6 ? "below 1e-6" : "below 1e-3";
  writeDocTable("ocr", [
    "| pictures | lines of text | texts that differ | corners that differ | largest difference of a score |",
    "| --- | --- | --- | --- | --- |",
    `| ${reference.length} | ${lines} | 0 | 0 | ${largest} |`,
  ]);
});

test("the README's curl reads a picture", async () => {
  const readme = readFileSync(join(EXAMPLE, "README.md"), "utf8");
  const curl = /```bash\n(echo [^`]*)```/.exec(readme)?.[1];
  if (curl === undefined) throw new Error("the README has no curl");
  const { name, lines } = reference[0] as Reference;
  copyFileSync(join(folder, name), join(folder, "picture.png"));
  const command = curl.replace("localhost:8080", new URL(service.url).host);
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { cwd: folder });
  const { predictions } = JSON.parse(stdout);
  expect(predictions[0]).toMatchObject(lines.map(({ text, box }) => ({ text, box })));
});
