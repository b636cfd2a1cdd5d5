import { availableParallelism } from "node:os";
import { extname } from "node:path";
import type { Piscina } from "piscina";
import { InferenceError } from "../errors.ts";
import { type Threads, type ThreadTaskOptions, threadArguments } from "../inference/threads.ts";
import { WorkSlots } from "../inference/work-slots.ts";
import { importTaskHere } from "./call-module.ts";
import { fromFailure, type TaskOutcome } from "./task-outcome.ts";

/** Threads beyond the first end after so long without work. */
const IDLE_MS = 60_000;
/** A container may see many more cores than it may use, and each thread can hold a whole decoded picture. */
const MOST_BY_DEFAULT = 4;

export function defaultThreads(): number {
  return Math.min(MOST_BY_DEFAULT, availableParallelism());
}

/** Threads that start with the first task and end with `close()`; idle ones do not keep the process alive. */
export class ThreadPool implements Threads {
  readonly size: number;
  readonly #slots: WorkSlots;
  #pool: Promise<Piscina> | undefined;
  #isClosed = false;

  /** `size` 0 runs tasks on the event loop. */
  constructor(size: number) {
    this.size = size;
    this.#slots = new WorkSlots(Math.max(size, 1));
  }

  async run<Result>(module: URL | string, input: unknown, options: ThreadTaskOptions = {}): Promise<Result> {
    const url = String(module);
    if (this.size === 0) return (await (await importTaskHere(url))(structuredClone(input))) as Result;
    const { transfer = [], signal, finishes = false } = options;
    return this.#slots.run(async () => {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new InferenceError("the server has ended", { code: "unavailable" });
      this.#pool ??= startPool(this.size);
      const pool = await this.#pool;
      const outcome = await pool
        .run({ module: url, input }, { transferList: [...transfer], signal: finishes ? null : (signal ?? null) })
        .catch((error: unknown) => {
          throw signal?.aborted ? signal.reason : error;
        });
      return unwrap(outcome as TaskOutcome) as Result;
    });
  }

  /** Ends the threads; tasks that run fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#pool)?.destroy();
  }
}

function unwrap(outcome: TaskOutcome): unknown {
  if (outcome.failure === undefined) return outcome.value;
  throw fromFailure(outcome.failure);
}

async function startPool(size: number): Promise<Piscina> {
  const { Piscina } = await import("piscina");
  const filename = new URL(`./run-task${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href;
  return new Piscina({
    filename,
    name: "runTask",
    minThreads: 1,
    maxThreads: size,
    idleTimeout: IDLE_MS,
    // A thread that slept on a lock would not free what native code lent to finished tasks, a decoder's pixels for example.
    atomics: "disabled",
    ...threadArguments(filename),
  });
}
