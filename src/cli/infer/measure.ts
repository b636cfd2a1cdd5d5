import { InferenceError } from "../../errors.ts";

export interface MeasureOptions {
  readonly repeat: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** One request; `index` counts from 0. @returns the HTTP status. */
  readonly send: (index: number) => Promise<number>;
  /** Told after each request. */
  readonly onProgress: (done: number, failed: number) => void;
}

export interface Measurement {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  /** Milliseconds of the requests that went well, ascending. */
  readonly times: readonly number[];
  /** How often each failure came: a status, or a message. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Sends the same request again and again, so many at a time. */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { repeat, concurrency, signal, send, onProgress } = options;
  const times: number[] = [];
  const failures = new Map<string, number>();
  let next = 0;
  let done = 0;
  let failed = 0;
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (next < repeat && !signal.aborted) {
      const index = next;
      next += 1;
      const from = performance.now();
      const failure = await send(index).then(
        (status) => (status === 200 ? undefined : `status ${status}`),
        (error: unknown) => InferenceError.from(error).message,
      );
      done += 1;
      if (failure === undefined) times.push(performance.now() - from);
      else {
        failed += 1;
        failures.set(failure, (failures.get(failure) ?? 0) + 1);
      }
      onProgress(done, failed);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, repeat) }, client));
  const seconds = (performance.now() - started) / 1000;
  return { requests: done, failed, seconds, times: times.sort((a, b) => a - b), failures };
}

/** The value that `share` (0 to 1) of ascending values do not exceed; NaN for none (nearest-rank method). */
export function percentile(ascending: ArrayLike<number>, share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

export function formatMeasurement({ requests, failed, seconds, times, failures }: Measurement): string {
  const lines = [
    `${requests} requests in ${seconds.toFixed(2)} s, ${(requests / seconds).toFixed(1)} per second, ${failed} failed`,
  ];
  if (times.length > 0) {
    const shares = [0.5, 0.9, 0.95, 0.99].map((share) => `p${share * 100} ${percentile(times, share).toFixed(1)}`);
    lines.push(`milliseconds: min ${times[0]?.toFixed(1)}, ${shares.join(", ")}, max ${times.at(-1)?.toFixed(1)}`);
  }
  for (const [failure, count] of failures) lines.push(`  ${count} × ${failure}`);
  return `${lines.join("\n")}\n`;
}

/** `███████────── 53 of 100, 2 failed` */
export function formatProgress(done: number, total: number, failed: number, width = 30): string {
  const filled = Math.round((done / total) * width);
  return `${"█".repeat(filled)}${"─".repeat(width - filled)} ${done} of ${total}${failed > 0 ? `, ${failed} failed` : ""}`;
}
