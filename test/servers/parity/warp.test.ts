import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { matrixOf, readWarpCases, warpOf } from "../../image/backend/warp-cases.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("warp_cases.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "warp-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("500 quadrilaterals laid flat are OpenCV's to the last bit, and so are their matrices", () => {
  execFileSync(pythonOf("ocr"), [SCRIPT, "--shapes", "500", "--out", folder]);
  const { library, cases } = readWarpCases(join(folder, "cases.json"));
  const values = readFileSync(join(folder, "values.bin"));
  let compared = 0;
  let differing = 0;
  for (const one of cases) {
    expect(matrixOf(one)).toEqual(one.matrix);
    const ours = warpOf(one);
    const theirs = values.subarray(one.offset, one.offset + ours.length);
    expect(theirs).toHaveLength(ours.length);
    compared += ours.length;
    differing += ours.reduce((sum, value, place) => sum + (value === theirs[place] ? 0 : 1), 0);
  }
  expect(cases.length).toBeGreaterThan(450);
  expect(differing).toBe(0);
  writeDocTable("warp", [
    "| library | kernel | quadrilaterals | values compared | differences |",
    "| --- | --- | --- | --- | --- |",
    `| ${library} | cubic, border repeated | ${cases.length} | ${compared} | ${differing} |`,
  ]);
});
