import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../../errors.ts";
import type { BatchRow, BatchSource } from "./batch-source.ts";

/** How one row ended. */
export type RowOutcome =
  | { readonly row: BatchRow; readonly prediction: string }
  | { readonly row: BatchRow; readonly failure: RowFailure };

export interface RowFailure {
  readonly status: number;
  readonly code: string;
  readonly error: string;
}

/** The predictions of rows as the texts of JSON values, in their order. @throws RequestFailure */
export type AskRows = (rows: readonly string[]) => Promise<readonly string[]>;

export class RequestFailure extends Error {
  readonly failure: RowFailure;

  constructor(failure: RowFailure) {
    super(failure.error);
    this.failure = failure;
  }
}

export interface RunBatchOptions {
  readonly source: BatchSource;
  readonly ask: AskRows;
  /** Rows of one request. */
  readonly batchSize: number;
  /** Requests under way at a time. */
  readonly concurrency: number;
  /** Further tries of a request that the predictor could not take at the moment, and of a row that could not be read. */
  readonly retries: number;
  readonly wanted: (index: number) => boolean;
  /** Called in the order of the rows; false stops the batch. */
  readonly onOutcome: (outcome: RowOutcome) => boolean;
  readonly signal: AbortSignal;
}

const AWAY: ReadonlySet<number> = new Set([429, 502, 503]);

/** Statuses that say nothing of the row: who was asked was busy or away. */
export const RETRIED: ReadonlySet<number> = new Set([...AWAY, 504]);

/** All rows through the pipeline, so many requests at a time; a request that fails is asked again row by row. */
export async function runBatch(options: RunBatchOptions): Promise<void> {
  const { batchSize, concurrency, wanted, signal } = options;
  const underWay: Promise<readonly RowOutcome[]>[] = [];
  let isStopped = false;
  const settle = async (): Promise<void> => {
    for (const outcome of (await underWay.shift()) ?? []) {
      if (!isStopped && !options.onOutcome(outcome)) isStopped = true;
    }
  };
  let rows: BatchRow[] = [];
  const send = async (): Promise<void> => {
    const sent = rows;
    rows = [];
    if (sent.length > 0) underWay.push(askOutcomes(sent, options));
    if (underWay.length >= concurrency) await settle();
  };
  try {
    for await (const row of options.source.rows) {
      if (isStopped || signal.aborted) break;
      if (!wanted(row.index)) continue;
      rows.push(row);
      if (rows.length >= batchSize) await send();
    }
  } finally {
    // Also where the input is broken further on: the rows before it are done.
    if (!isStopped && !signal.aborted) await send();
    while (underWay.length > 0) await settle();
  }
}

async function askOutcomes(rows: readonly BatchRow[], options: RunBatchOptions): Promise<readonly RowOutcome[]> {
  const read = await Promise.all(
    rows.map((row) =>
      again(row.read, options).then(
        (text) => ({ row, text }),
        (error: unknown) => toFailed(row, error),
      ),
    ),
  );
  const failed = read.filter((each): each is RowOutcome => "failure" in each);
  const ready = read.filter((each): each is { row: BatchRow; text: string } => "text" in each);
  const outcomes = ready.length === 0 ? [] : await askReady(ready, options);
  return [...failed, ...outcomes].sort((a, b) => a.row.index - b.row.index);
}

async function askReady(
  ready: readonly { readonly row: BatchRow; readonly text: string }[],
  options: RunBatchOptions,
): Promise<readonly RowOutcome[]> {
  try {
    const texts = ready.map(({ text }) => text);
    const predictions = await again(() => options.ask(texts), options);
    return ready.map(({ row }, index) => ({ row, prediction: predictions[index] ?? "null" }));
  } catch (error) {
    // No row is to blame for a predictor that is away.
    const isAway = error instanceof RequestFailure && AWAY.has(error.failure.status);
    if (ready.length === 1 || isAway) return ready.map(({ row }) => toFailed(row, error));
    // One bad row must not take the others with it.
    const alone: RowOutcome[] = [];
    for (const each of ready) alone.push(...(await askReady([each], options)));
    return alone;
  }
}

/** What `work` gives, with `retries` further tries while the one asked is busy or away. */
async function again<Result>(
  work: () => Promise<Result>,
  { retries, signal }: Pick<RunBatchOptions, "retries" | "signal">,
): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!RETRIED.has(toFailure(error).status) || attempt >= retries || signal.aborted) throw error;
      await delay(Math.min(10_000, 200 * 2 ** attempt), undefined, { signal }).catch(() => undefined);
    }
  }
}

function toFailed(row: BatchRow, error: unknown): RowOutcome {
  return { row, failure: toFailure(error) };
}

function toFailure(error: unknown): RowFailure {
  if (error instanceof RequestFailure) return error.failure;
  const { status, code, message } = InferenceError.from(error);
  return { status, code, error: message };
}
