import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PipelineCases, preparePicture, READERS } from "../../image/read/pipeline-cases.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("pipeline_cases.py", import.meta.url));
const PICTURES = 5;
const folder = mkdtempSync(join(tmpdir(), "pipelines-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** How a folder says it. */
const WRITTEN: Readonly<Record<string, string>> = {
  torchvision: "`preprocessing.json`: `torchvision`",
  timm: "`config.json`: `pretrained_cfg`",
  keras: "`preprocessing.json`: `keras`",
  ultralytics: "`metadata.yaml`, or the `.onnx` file",
  albumentations: "`preprocessing.json`: `pipeline`",
  paddle: "`preprocessing.json`: `pipeline`",
};

/** Whose packages do not stand beside the others'. */
const ENVIRONMENTS: Readonly<Record<string, Parameters<typeof pythonOf>[0]>> = {
  keras: "pictures",
  torchvision: "torch",
  timm: "torch",
  paddle: "paddle",
};

const table = [
  "| library | how to write it | configurations | pictures | values compared | largest difference | mean difference | refused |",
  "| --- | --- | --- | --- | --- | --- | --- | --- |",
];
afterAll(() => writeDocTable("pipelines", table));

test.each(Object.keys(READERS))("%s: equal to the library on five random pictures a configuration", async (kind) => {
  const python = pythonOf(ENVIRONMENTS[kind] ?? "vision");
  execFileSync(python, [SCRIPT, kind, "--pictures", String(PICTURES), "--out", folder], { stdio: "pipe" });
  const { library, cases }: PipelineCases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
  const expected = readFileSync(join(folder, "values.bin"));
  const toPipeline = READERS[kind] as (typeof READERS)[string];
  let [pictures, values, largest, sum] = [0, 0, 0, 0];
  const refused: string[] = [];
  for (const { name, configuration, pictures: prepared } of cases) {
    if (prepared.length === 0) {
      expect(() => toPipeline(configuration)).toThrow(kind);
      refused.push(name);
    }
    for (const picture of prepared) {
      const ours = await preparePicture(toPipeline(configuration), picture);
      expect([name, ours.shape]).toEqual([name, picture.shape]);
      const bytes = Uint8Array.from(expected.subarray(picture.offset, picture.offset + ours.values.byteLength));
      const theirs = new Float32Array(bytes.buffer);
      for (const [index, value] of ours.values.entries()) {
        const difference = Math.abs(value - (theirs[index] ?? Number.NaN));
        largest = Math.max(largest, difference);
        sum += difference;
      }
      pictures += 1;
      values += theirs.length;
    }
  }
  const cells = [library, WRITTEN[kind], cases.length, pictures, values, largest, sum / values, refused.length];
  table.push(`| ${cells.join(" | ")} |`);
  expect([largest, refused]).toEqual([0, []]);
});
