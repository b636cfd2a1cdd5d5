import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expectAsScikitLearn, type PipelineCase } from "../../tabular/pipeline/pipeline-cases.ts";
import { pythonOf } from "../start-server.ts";

const FRAMES = fileURLToPath(new URL("pipeline_frames.py", import.meta.url));
const PIPELINES = Number(process.env["KSERVE_TRANSFORMER_PIPELINES"] ?? 100);

test(`${PIPELINES} random pipelines make of random frames what scikit-learn makes of them, or are refused by both`, () => {
  const seed = process.env["KSERVE_TRANSFORMER_SEED"] ?? String(Date.now() % 2 ** 31);
  const text = execFileSync(pythonOf("kserve"), [FRAMES, seed, String(PIPELINES)], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const cases = JSON.parse(text) as readonly PipelineCase[];
  expect(cases).toHaveLength(PIPELINES);
  for (const each of cases) {
    try {
      expectAsScikitLearn(each);
    } catch (error) {
      throw new Error(`${each.name} (seed ${seed})`, { cause: error });
    }
  }
}, 600_000);
