import type { FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { INFER_PROTOCOLS } from "../infer/to-message.ts";

export const BENCH_FLAGS = {
  model_name: { type: "text", description: "Model to ask; the only one by default." },
  protocol: {
    type: "choice",
    choices: INFER_PROTOCOLS as typeof INFER_PROTOCOLS,
    default: "v1",
    description: "What is spoken.",
  },
  concurrency: {
    type: "list",
    description: "Requests under way at a time, one level after the other: 1,8,32; 1 by default.",
  },
  data: { type: "text", description: "File of requests, sent in turn: .json, .jsonl, .csv, .parquet, pictures." },
  batch_rows: { type: "integer", default: 1, minimum: 1, description: "Rows that go into one request." },
  shape: {
    type: "text",
    description:
      "NAME=1,3,224,224: shape of a made-up input whose metadata leaves sizes open; may stand several times.",
  },
  duration_seconds: {
    type: "number",
    minimum: 0.05,
    description: "Measure each level for so long, stable or not; else windows until three agree.",
  },
  warm_up_seconds: {
    type: "number",
    default: 1,
    minimum: 0,
    description: "Load before each level that does not count.",
  },
  window_seconds: { type: "number", default: 2, minimum: 0.05, description: "Length of a window." },
  max_windows: { type: "integer", default: 10, minimum: 3, description: "Windows of a level that is not stable." },
  stability_percent: {
    type: "number",
    default: 10,
    minimum: 0.1,
    description: "How far throughput and mean latency of three windows may be from their mean.",
  },
  header: { type: "text", description: "One more request header: 'Host: clothes.example.com'." },
  timeout_seconds: { type: "number", default: 60, minimum: 0.001, description: "Time for a response." },
  json: { type: "text", description: "File for the report as JSON; - prints it in place of the text." },
} as const;

/** `--shape NAME=1,3,224,224` may stand several times. */
export const SHAPE_FLAG = "shape";

export type BenchFlags = FlagValues<typeof BENCH_FLAGS>;

/** The windows of a level. */
export interface WindowPlan {
  readonly windowMs: number;
  readonly maxWindows: number;
}

/** @throws InferenceError invalid_argument for flags that contradict each other. */
export function toWindowPlan(flags: BenchFlags, given: ReadonlySet<string>): WindowPlan {
  const { duration_seconds: duration, window_seconds: seconds, max_windows: maxWindows } = flags;
  if (duration === undefined) return { windowMs: seconds * 1000, maxWindows };
  const foreign = ["window_seconds", "max_windows", "stability_percent"].find((name) => given.has(name));
  if (foreign !== undefined) {
    throw invalidArgument(
      `--${foreign} is of the rule of stability, which --duration_seconds leaves out; give one of both`,
    );
  }
  return { windowMs: duration * 1000, maxWindows: 1 };
}

/** @throws InferenceError invalid_argument for what is no list of numbers above 0. */
export function toLevels(flags: BenchFlags): { readonly concurrency: number }[] {
  return (flags.concurrency ?? ["1"]).map((word) => {
    const value = Number(word);
    if (Number.isSafeInteger(value) && value > 0) return { concurrency: value };
    throw invalidArgument(`--concurrency expects whole numbers above 0, got ${JSON.stringify(word)}`);
  });
}
