import { invalidArgument } from "../../errors.ts";

/** Which part of the rows one of several processes takes: those whose index leaves `index` when divided by `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * `3/64`, or `64` with the index in JOB_COMPLETION_INDEX, as an Indexed Job of Kubernetes sets it; undefined for all rows.
 * @throws InferenceError invalid_argument for anything else.
 */
export function parseShard(text: string | undefined, completionIndex: string | undefined): Shard | undefined {
  if (text === undefined) return undefined;
  const [, index = completionIndex, count] = /^(?:(\d+)\/)?(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index !== undefined && /^\d+$/.test(index) && shard.count >= 1 && shard.index < shard.count) return shard;
  const expected = "expected INDEX/COUNT from 0, or COUNT with the environment variable JOB_COMPLETION_INDEX";
  throw invalidArgument(`--shard: ${expected}, got ${JSON.stringify(text)} and ${completionIndex ?? "no index"}`);
}
