import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { differences, type ProcessorCases } from "../../image/read/processor-cases.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("image_processors.py", import.meta.url));
const PICTURES = 12;
const folder = mkdtempSync(join(tmpdir(), "processors-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("every image processor is equal to transformers' on twelve random pictures a configuration", async () => {
  execFileSync(pythonOf("torch"), [SCRIPT, folder, String(PICTURES)], { stdio: "pipe" });
  const read: ProcessorCases = JSON.parse(readFileSync(join(folder, "processors.json"), "utf8"));
  const table = [
    "| library | processors | configurations | pictures | refused by both | batches | values compared | differences |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  const wrong: string[] = [];
  for (const backend of ["pillow", "torch"] as const) {
    const cases = read.cases.filter((one) => one.backend === backend);
    const faults = await differences({ ...read, cases });
    wrong.push(...faults);
    const pictures = cases.flatMap((one) => one.pictures);
    const batches = cases.flatMap(({ together }) => together?.pixels ?? []);
    const values = [...pictures, ...batches].map((one) => one?.shape.reduce((product, side) => product * side, 1) ?? 0);
    const cells = [
      ...[read.library, backend === "pillow" ? "slow" : "fast", cases.length, pictures.length],
      ...[pictures.filter((one) => one === null).length, batches.length],
      ...[values.reduce((sum, count) => sum + count, 0), faults.length],
    ];
    table.push(`| ${cells.join(" | ")} |`);
  }
  writeDocTable("image-processors", table);
  expect(wrong).toEqual([]);
});
