import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommand, startServe } from "../../cli/command-process.ts";
import { venvOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("minilm.py", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "minilm-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  buildCommand();
  execFileSync(join(venvOf("text-models"), "bin", "python"), ["-W", "ignore", SCRIPT, folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
});

function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = (left: readonly number[], right: readonly number[]) =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? Number.NaN), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

test("all-MiniLM-L6-v2, served by pointing at its folder, gives the vectors of sentence-transformers", async () => {
  const { about, texts, vectors } = JSON.parse(readFileSync(join(folder, "embeddings.json"), "utf8")) as {
    about: Record<string, string>;
    texts: string[];
    vectors: number[][];
  };
  const model = join(folder, "model");
  const argv = [model, "--model_name", "minilm", "--predictor", `onnx:${model}/model.onnx`, "--drain_seconds", "0"];
  const server = await startServe(argv, { cwd: ROOT, env: {} });
  const found: number[][] = [];
  try {
    for (let from = 0; from < texts.length; from += 20) {
      const body = JSON.stringify({ instances: texts.slice(from, from + 20) });
      const response = await fetch(`${server.url}/v1/models/minilm:predict`, { method: "POST", body });
      expect(response.status).toBe(200);
      found.push(...((await response.json()) as { predictions: number[][] }).predictions);
    }
  } finally {
    server.kill("SIGKILL");
  }
  expect(texts.length).toBeGreaterThanOrEqual(200);
  expect(found).toHaveLength(texts.length);
  const cosines = found.map((vector, index) => cosine(vector, vectors[index] ?? []));
  const smallest = Math.min(...cosines);
  expect(smallest).toBeGreaterThanOrEqual(0.999999);
  const largest = Math.max(
    ...found.flatMap((vector, row) =>
      vector.map((value, column) => Math.abs(value - (vectors[row]?.[column] ?? Number.NaN))),
    ),
  );
  expect(largest).toBeLessThan(1e-5);
  writeDocTable("minilm", [
    `sentence-transformers ${about["sentence-transformers"]}, torch ${about["torch"]}.`,
    "",
    "| model | texts | cosine to the original | largest difference of a value |",
    "| --- | --- | --- | --- |",
    `| all-MiniLM-L6-v2 | ${texts.length} | at least 0.999999 | below 1e-5 |`,
  ]);
});
