import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Digest, differences, type ProcessorCases } from "../../image/read/processor-cases.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("image_processors.py", import.meta.url));
const PICTURES = 12;
const folder = mkdtempSync(join(tmpdir(), "processors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** How a folder says it. */
const WRITTEN = {
  pillow: "`preprocessor_config.json`, `IMAGE_BACKEND=pillow`, or a type without `Fast`",
  torch: "`preprocessor_config.json`, `IMAGE_BACKEND=torch`, or a type with `Fast`",
} as const;

const table = [
  "| library | processors | how to write it | kinds | configurations | pictures | refused by both | batches | values compared | largest difference | mean difference |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];

test("every image processor is equal to transformers' on twelve random pictures a configuration", async () => {
  execFileSync(pythonOf("torch"), [SCRIPT, folder, String(PICTURES)], { stdio: "pipe" });
  const read: ProcessorCases = JSON.parse(readFileSync(join(folder, "processors.json"), "utf8"));
  const wrong: string[] = [];
  for (const backend of ["pillow", "torch"] as const) {
    const cases = read.cases.filter((one) => one.backend === backend);
    const measured = createMeasure(join(folder, "values.bin"));
    wrong.push(...(await differences({ ...read, cases }, measured.measure)));
    const { values, largest, sum } = measured.finish();
    const pictures = cases.flatMap((one) => one.pictures);
    const batches = cases.filter(({ together }) => together !== undefined);
    const cells = [
      ...[read.library, backend === "pillow" ? "slow" : "fast", WRITTEN[backend], kindsOf(cases).size],
      ...[cases.length, pictures.length, pictures.filter((one) => one === null).length, batches.length],
      ...[values, largest, sum / values],
    ];
    table.push(`| ${cells.join(" | ")} |`);
  }
  writeDocTable("image-processors", table);
  expect(wrong).toEqual([]);
});

function kindsOf(cases: ProcessorCases["cases"]): Set<string | undefined> {
  return new Set(
    cases.map(({ configuration }) => JSON.stringify(configuration).match(/_type":"(\w+?)(Image|Feature)/)?.[1]),
  );
}

/** Adds up how far our values are from those in the file that Python wrote. */
function createMeasure(file: string) {
  const descriptor = openSync(file, "r");
  let [values, largest, sum] = [0, 0, 0];
  return {
    measure(ours: Float32Array, { offset = 0, shape }: Digest): void {
      const theirs = new Float32Array(shape.reduce((product, side) => product * side, 1));
      expect(readSync(descriptor, theirs, 0, theirs.byteLength, offset)).toBe(theirs.byteLength);
      for (const [index, value] of theirs.entries()) {
        const difference = Math.abs(value - (ours[index] ?? Number.NaN));
        // NaN, of a tensor that is too short or has some, stays.
        largest = difference > largest || Number.isNaN(difference) ? difference : largest;
        sum += difference;
      }
      values += theirs.length;
    },
    finish() {
      closeSync(descriptor);
      return { values, largest, sum };
    },
  };
}
