import cluster, { type Worker } from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../inference/request-context.ts";
import type { PrimaryMessage, WorkerMessage } from "./worker-messages.ts";
import { collectFromWorkers } from "./worker-metrics.ts";

export interface WorkersOptions {
  readonly count: number;
  readonly log: Logger;
  /** First wait before a fallen worker is replaced; doubled while they keep falling. @default 100 */
  readonly backoffMs?: number;
  /** @default 30000 */
  readonly maxBackoffMs?: number;
  /** A worker that is not ready by then is given up. @default 120000 */
  readonly readyTimeoutMs?: number;
}

/** After so long without a fall the back-off starts anew. */
const CALM_MS = 60_000;

/**
 * The primary of several processes on one port: starts them, replaces those that fall, renews them one by one, ends them.
 * Each worker runs the same command again; node's cluster gives them the port.
 */
export class Workers {
  readonly #options: Required<WorkersOptions>;
  readonly #workers = new Set<Worker>();
  readonly #leaving = new Set<Worker>();
  #falls = 0;
  #lastFall = 0;
  #closing: Promise<void> | undefined;
  #reloading: Promise<void> | undefined;
  /** Exit code of a worker that ended before it was ever ready; nothing is replaced then. */
  #failedStart: ((code: number) => void) | undefined;

  constructor(options: WorkersOptions) {
    this.#options = { backoffMs: 100, maxBackoffMs: 30_000, readyTimeoutMs: 120_000, ...options };
  }

  /** Starts the workers; resolves with 0 once all are ready, or with the exit code of one that could not start. */
  async start(): Promise<number> {
    const failed = new Promise<number>((resolve) => {
      this.#failedStart = resolve;
    });
    const ready = Promise.all(Array.from({ length: this.#options.count }, () => this.#fork())).then(() => 0);
    const code = await Promise.race([ready, failed]);
    this.#failedStart = undefined;
    return code;
  }

  /** Replaces every worker by a new one, each only once its successor is ready; no request is lost. */
  reload(): Promise<void> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Every worker drains and ends. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#workers].map((worker) => this.#retire(worker))).then(() => undefined);
    return this.#closing;
  }

  async #reload(): Promise<void> {
    const { log } = this.#options;
    log.info({}, "reloading the workers one by one");
    for (const old of [...this.#workers]) {
      if (this.#closing !== undefined) return;
      if (!(await this.#fork())) {
        log.error({}, "a new worker did not become ready: the old ones stay");
        return;
      }
      await this.#retire(old);
    }
    log.info({}, "all workers are new");
  }

  /** A new worker; true once it is ready, false when it ended or was given up before. */
  #fork(): Promise<boolean> {
    const { log, readyTimeoutMs } = this.#options;
    const worker = cluster.fork();
    this.#workers.add(worker);
    return new Promise((resolve) => {
      let isReady = false;
      const giveUp = setTimeout(() => {
        log.error({ pid: worker.process.pid }, `worker not ready within ${readyTimeoutMs} ms`);
        worker.process.kill("SIGKILL");
      }, readyTimeoutMs);
      worker.on("message", (message: WorkerMessage) => {
        if (message.kind === "ready") {
          isReady = true;
          clearTimeout(giveUp);
          resolve(true);
        } else if (message.kind === "scrape") void this.#answerScrape(worker, message.id);
      });
      worker.on("exit", (code, signal) => {
        clearTimeout(giveUp);
        this.#workers.delete(worker);
        resolve(false);
        this.#onExit(worker, isReady, code, signal);
      });
    });
  }

  #onExit(worker: Worker, wasReady: boolean, code: number | null, signal: string | null): void {
    if (this.#leaving.delete(worker) || this.#closing !== undefined) return;
    if (!wasReady && this.#failedStart !== undefined) {
      this.#failedStart(code ?? 1);
      return;
    }
    if (!wasReady && this.#reloading !== undefined) return;
    this.#options.log.error({ pid: worker.process.pid, code, signal }, "a worker ended on its own: it is replaced");
    void this.#replace();
  }

  async #replace(): Promise<void> {
    const { backoffMs, maxBackoffMs } = this.#options;
    const now = Date.now();
    if (now - this.#lastFall > CALM_MS) this.#falls = 0;
    this.#lastFall = now;
    const wait = Math.min(backoffMs * 2 ** this.#falls, maxBackoffMs);
    this.#falls += 1;
    await delay(wait);
    if (this.#closing === undefined) await this.#fork();
  }

  /** Tells a worker to drain, and waits for its end. */
  #retire(worker: Worker): Promise<void> {
    this.#leaving.add(worker);
    return new Promise((resolve) => {
      if (worker.isDead()) {
        resolve();
        return;
      }
      worker.once("exit", () => resolve());
      send(worker, { kind: "close" });
    });
  }

  async #answerScrape(asking: Worker, id: number): Promise<void> {
    const text = await collectFromWorkers([...this.#workers].filter((worker) => worker.isConnected()));
    send(asking, { kind: "scraped", id, text });
  }
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}
