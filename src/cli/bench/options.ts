import type { FlagValues } from "../../contract/flag.ts";
import { invalidArgument } from "../../errors.ts";
import { INFER_PROTOCOLS } from "../infer/to-message.ts";
import type { Level } from "./report/summary.ts";

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
  rate: {
    type: "list",
    description: "Instead of --concurrency: requests per second, one level after the other: 100,500,1000.",
  },
  slo_p99_ms: {
    type: "number",
    minimum: 0.001,
    description: "Search for the largest rate whose p99 is at most N ms; --rate says where to begin.",
  },
  connections: {
    type: "integer",
    default: 256,
    minimum: 1,
    description: "Requests under way at most, where a rate is given or searched.",
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
    description: "Measure each level for this long, stable or not; by default until three windows agree.",
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

/** What is measured, and how. */
export interface BenchPlan {
  /** One after the other; for an objective, where the search begins. */
  readonly levels: readonly Level[];
  /** Milliseconds that p99 may take; undefined where nothing is searched. */
  readonly objectiveMs: number | undefined;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly maxWindows: number;
  readonly stabilityPercent: number;
}

/** @throws InferenceError invalid_argument for flags that contradict each other. */
export function toBenchPlan(flags: BenchFlags, given: ReadonlySet<string>): BenchPlan {
  const { duration_seconds: duration, slo_p99_ms: objectiveMs } = flags;
  const refuse = (name: string, why: string): void => {
    if (given.has(name)) throw invalidArgument(`--${name} ${why}`);
  };
  if (given.has("rate")) refuse("concurrency", "is one kind of load, --rate another: give one of both");
  if (objectiveMs !== undefined) refuse("concurrency", "is no rate, and --slo_p99_ms searches one");
  if (objectiveMs === undefined && !given.has("rate")) refuse("connections", "goes with --rate and --slo_p99_ms");
  if (objectiveMs !== undefined && (flags.rate?.length ?? 0) > 1) {
    throw invalidArgument(`--rate expects one number to begin the search with, got ${flags.rate}`);
  }
  for (const name of duration === undefined ? [] : ["window_seconds", "max_windows", "stability_percent"]) {
    refuse(name, "is of the rule of stability, which --duration_seconds leaves out: give one of both");
  }
  return {
    levels: toLevels(flags),
    objectiveMs,
    connections: flags.connections,
    warmUpMs: flags.warm_up_seconds * 1000,
    windowMs: (duration ?? flags.window_seconds) * 1000,
    maxWindows: duration === undefined ? flags.max_windows : 1,
    stabilityPercent: flags.stability_percent,
  };
}

function toLevels({ rate, concurrency, slo_p99_ms: objective }: BenchFlags): Level[] {
  if (rate !== undefined) {
    return rate.map((word) => ({ rate: toNumber("rate", word, (value) => value > 0, "numbers above 0") }));
  }
  if (objective !== undefined) return [];
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  return (concurrency ?? ["1"]).map((word) => ({
    concurrency: toNumber("concurrency", word, isCount, "whole numbers above 0"),
  }));
}

function toNumber(flag: string, word: string, isValid: (value: number) => boolean, expected: string): number {
  const value = Number(word);
  if (Number.isFinite(value) && isValid(value)) return value;
  throw invalidArgument(`--${flag} expects ${expected}, got ${JSON.stringify(word)}`);
}
