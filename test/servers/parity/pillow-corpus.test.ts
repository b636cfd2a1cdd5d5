import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openImage } from "../../../src/image/open-image.ts";
import { sha256 } from "../../image/shared-clothing.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("pillow_corpus.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pillow-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Corpus {
  readonly library: string;
  readonly files: readonly { path: string; format: string; size: number[] | null; sha256: string | null }[];
}

type Outcome = "equal" | "other" | "refused by both" | "refused here" | "read here alone";
const OUTCOMES: readonly Outcome[] = ["equal", "other", "refused by both", "refused here", "read here alone"];

test("Pillow's own test pictures are read as Pillow reads them, or refused as unsupported", async () => {
  execFileSync(pythonOf("pillow"), [SCRIPT, folder], { stdio: "pipe" });
  const { library, files }: Corpus = JSON.parse(readFileSync(join(folder, "corpus.json"), "utf8"));
  const counts = new Map<string, Record<Outcome, number>>();
  const wrong: string[] = [];
  for (const { path, format, size, sha256: expected } of files) {
    const { outcome, code } = await compare(readFileSync(path), size, expected);
    const row = counts.get(format) ?? {
      equal: 0,
      other: 0,
      "refused by both": 0,
      "refused here": 0,
      "read here alone": 0,
    };
    counts.set(format, row);
    row[outcome] += 1;
    // AVIF's colours are computed otherwise (docs/images.md).
    if ((outcome === "other" && format !== "avif") || code === "internal") wrong.push(path);
    if (outcome === "refused here" && code !== "unsupported_media_type") wrong.push(path);
  }
  const rows = [...counts].map(([format, row]) => `| ${[format, ...OUTCOMES.map((name) => row[name])].join(" | ")} |`);
  writeDocTable("pillow-corpus", [
    `${library}, ${files.length} files.`,
    "",
    `| format | ${OUTCOMES.join(" | ")} |`,
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ]);
  expect(files.length).toBeGreaterThan(700);
  expect(wrong).toEqual([]);
});

async function compare(
  bytes: Buffer,
  size: readonly number[] | null,
  expected: string | null,
): Promise<{ outcome: Outcome; code?: string }> {
  try {
    const { width, height, data } = await (await openImage(bytes)).decode();
    if (expected === null) return { outcome: "read here alone" };
    return { outcome: size?.join() === `${width},${height}` && sha256(data) === expected ? "equal" : "other" };
  } catch (error) {
    const { code } = error as { code: string };
    return { outcome: expected === null ? "refused by both" : "refused here", code };
  }
}
