import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expectAsScikitLearn, type PipelineCase } from "./pipeline-cases.ts";

/** `python test/servers/parity/pipeline_frames.py 1 60`, with scikit-learn 1.9.1. */
const cases = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../fixtures/tabular/pipelines.json", import.meta.url)), "utf8"),
) as readonly PipelineCase[];

test.each(cases.map((each) => [each.name, each] as const))("%s", (_name, each) => expectAsScikitLearn(each));
