import cluster, { type Worker } from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../inference/request-context.ts";
import type { Heartbeat } from "./probe-server.ts";
import type { EndReason, PrimaryMessage, StartReport, WorkerMessage } from "./worker-messages.ts";
import { WorkerTotals } from "./worker-totals.ts";

export interface WorkersOptions {
  readonly count: number;
  readonly log: Logger;
  /** A worker that was told to end and has not by then is killed. @default 60000 */
  readonly endTimeoutMs?: number;
}

/** First and longest wait before a fallen worker is replaced; doubled while they keep falling. */
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 30_000;
/** After so long without a fall the back-off starts again from the beginning. */
const CALM_MS = 60_000;

interface WorkerState {
  /** Undefined until it is ready. */
  report?: StartReport;
  /** Monotonic nanoseconds of its last sign of life. */
  heardAt: bigint;
  saysReady: boolean;
}

/** How starting ended: with what the first worker reports, or with the exit code of one that could not start. */
export type WorkersStart = { readonly report: StartReport } | { readonly exitCode: number };

/**
 * The primary of several processes on one port: starts them, replaces those that fall, renews them one by one, ends them.
 * Each worker runs the same command again; node's cluster gives them the port.
 */
export class Workers implements Heartbeat {
  readonly totals: WorkerTotals = new WorkerTotals();
  readonly #options: Required<WorkersOptions>;
  readonly #states = new Map<Worker, WorkerState>();
  readonly #leaving = new Set<Worker>();
  readonly #waits = new AbortController();
  #falls = 0;
  #lastFall = 0;
  #started = false;
  #closing: Promise<void> | undefined;
  #reloading: Promise<void> | undefined;

  constructor(options: WorkersOptions) {
    this.#options = { endTimeoutMs: 60_000, ...options };
  }

  /** The first worker alone, so that what keeps all of them from starting is said once; then the others together. */
  async start(): Promise<WorkersStart> {
    const first = await this.#fork();
    const others = Array.from({ length: this.#options.count - 1 });
    const all = "exitCode" in first ? [first] : await Promise.all([first, ...others.map(() => this.#fork())]);
    this.#started = true;
    return all.find((each) => "exitCode" in each) ?? first;
  }

  /** All were ready once, it does not end, and the workers that are there say that requests may come. */
  isReady(): Promise<boolean> {
    const states = this.#serving();
    const ready = this.#started && this.#closing === undefined && states.length > 0;
    return Promise.resolve(ready && states.every(({ saysReady }) => saysReady));
  }

  /** Of the worker that was not heard of for longest. */
  lastBeat(): bigint {
    let oldest = now();
    for (const { heardAt } of this.#serving()) if (heardAt < oldest) oldest = heardAt;
    return oldest;
  }

  /** Replaces every worker by a new one, each only once its successor is ready; no request is lost. */
  reload(): Promise<void> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Every worker drains and ends. */
  close(reason: EndReason): Promise<void> {
    this.#waits.abort();
    this.#closing ??= Promise.all([...this.#states.keys()].map((worker) => this.#retire(worker, reason))).then(
      () => undefined,
    );
    return this.#closing;
  }

  #serving(): WorkerState[] {
    return [...this.#states].flatMap(([worker, state]) =>
      state.report === undefined || this.#leaving.has(worker) ? [] : [state],
    );
  }

  async #reload(): Promise<void> {
    const { log } = this.#options;
    log.info({}, "reloading the workers one by one");
    for (const old of [...this.#states.keys()]) {
      if (!this.#states.has(old)) continue;
      const fork = await this.#fork();
      if (this.#closing !== undefined) return;
      if ("exitCode" in fork) {
        log.error({ code: fork.exitCode }, "a new worker did not become ready: the old ones stay");
        return;
      }
      await this.#retire(old, "reload");
    }
    log.info({}, "all workers are new");
  }

  /** A new worker, once it is ready or has ended before it was. */
  #fork(): Promise<WorkersStart> {
    const { log } = this.#options;
    const worker = cluster.fork();
    const state: WorkerState = { heardAt: now(), saysReady: false };
    this.#states.set(worker, state);
    this.totals.add(worker);
    // A message to a worker that has just ended is no fault of the primary.
    worker.on("error", (error) => log.debug({ error, pid: worker.process.pid }, "a message did not reach a worker"));
    return new Promise((resolve) => {
      worker.on("message", (message: WorkerMessage) => {
        state.heardAt = now();
        if (message.kind === "heartbeat") state.saysReady = message.ready;
        else if (message.kind === "scrape" || message.kind === "total") void this.#tell(worker, message);
        else if (message.kind === "ready") {
          state.report = message.report;
          state.saysReady = true;
          resolve({ report: message.report });
        }
      });
      worker.on("exit", (code: number | null, signal: string | null) => {
        this.#states.delete(worker);
        const isAsked = this.#leaving.delete(worker) || this.#closing !== undefined;
        if (state.report !== undefined && !isAsked) void this.#replace(worker, code, signal);
        resolve({ exitCode: code ?? 1 });
      });
    });
  }

  /** Tries until a new worker is ready, ever more slowly. */
  async #replace(fallen: Worker, code: number | null, signal: string | null): Promise<void> {
    const { log } = this.#options;
    const since = performance.now();
    do {
      await this.#backOff();
      if (this.#closing !== undefined) return;
      log.error({ pid: fallen.process.pid, code, signal }, "a worker ended on its own: it is replaced");
    } while ("exitCode" in (await this.#fork()) && this.#closing === undefined);
    log.info({ milliseconds: Math.round(performance.now() - since) }, "the replacement is ready");
  }

  async #backOff(): Promise<void> {
    const time = performance.now();
    if (time - this.#lastFall > CALM_MS) this.#falls = 0;
    this.#lastFall = time;
    const wait = Math.min(BACKOFF_MS * 2 ** this.#falls, MAX_BACKOFF_MS);
    this.#falls += 1;
    await delay(wait, undefined, { signal: this.#waits.signal }).catch(() => undefined);
  }

  /** Tells a worker to drain, and waits for its end. */
  #retire(worker: Worker, reason: EndReason): Promise<void> {
    const { endTimeoutMs, log } = this.#options;
    this.#leaving.add(worker);
    return new Promise((resolve) => {
      if (worker.isDead()) {
        resolve();
        return;
      }
      const kill = setTimeout(() => {
        log.error({ pid: worker.process.pid }, `a worker did not end within ${endTimeoutMs} ms: it is killed`);
        worker.process.kill("SIGKILL");
      }, endTimeoutMs);
      worker.once("exit", () => {
        clearTimeout(kill);
        resolve();
      });
      send(worker, { kind: "close", reason });
    });
  }

  async #tell(asking: Worker, { kind, id }: { readonly kind: "scrape" | "total"; readonly id: number }): Promise<void> {
    if (kind === "scrape") send(asking, { kind: "scraped", id, text: await this.totals.scrape() });
    else send(asking, { kind: "totalled", id, statistics: await this.totals.statistics() });
  }
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}

function now(): bigint {
  return process.hrtime.bigint();
}
