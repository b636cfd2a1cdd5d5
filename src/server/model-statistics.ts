import { type ModelCounts, noCounts } from "../observability/statistics/model-counts.ts";
import type { ModelServer } from "./model-server.ts";

/** The counts of one model. */
export interface ModelStatistics extends ModelCounts {
  readonly version: string;
}

/** What a model is called that has one version only; Triton's clients read the version as a number. */
const ONLY_VERSION = "1";

/**
 * V2's statistics extension: the counts of one model, or of all. A model here has one version: the counts are those of all its
 * requests, under the version that is asked for.
 * @throws InferenceError not_found.
 */
export async function modelStatistics(
  { registry, options }: ModelServer,
  name?: string,
  version: string = ONLY_VERSION,
): Promise<readonly ModelStatistics[]> {
  const models = name === undefined ? registry.models : [registry.find(name)];
  const counted = new Map((await options.statistics.total()).map((counts) => [counts.name, counts]));
  return models.map((model) => ({ ...(counted.get(model.name) ?? noCounts(model.name)), version }));
}

/** Whole nanoseconds, as the wire has them. */
export function toNanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}
