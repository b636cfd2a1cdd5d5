import cluster, { type Worker } from "node:cluster";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { PrimaryMessage, StartReport, WorkerMessage } from "../../server/process/worker-messages.ts";

/** A worker says that it listens for what comes next, and meanwhile loads everything but the user's module. */
export interface WaitingMessage {
  readonly kind: "waiting";
}

/** What it then waits for. */
export interface GoMessage {
  readonly kind: "go";
}

/** A worker that cannot have its port says so before it ends: no change of a file helps. */
export interface PortRefusedMessage {
  readonly kind: "port refused";
}

export interface DevWorkersOptions {
  readonly argv: readonly string[];
  /** The command's own file. */
  readonly main: string;
  readonly cwd: string;
  /** Called with each line that a worker writes. */
  readonly onLine: (line: string) => void;
  readonly warn: (text: string) => void;
}

/** A request that takes longer goes on in the version before. */
const MAX_WAIT_MS = 250;

/** How a start ended: the report of a worker that is ready, or undefined when it ended before. */
export type DevStart = StartReport | "port refused" | undefined;

interface Spare {
  readonly worker: Worker;
  /** Resolves when it waits for the module, or has ended. */
  readonly waiting: Promise<void>;
}

/**
 * One worker that serves and one that waits with everything loaded but the user's module. node's cluster keeps the port in
 * this process, so that between two versions of a module no connection is refused.
 */
export class DevWorkers {
  readonly #options: DevWorkersOptions;
  #serving: Worker | undefined;
  #spare: Spare;
  #closed = false;

  constructor(options: DevWorkersOptions) {
    this.#options = options;
    const { main, argv, cwd } = options;
    cluster.setupPrimary({ exec: main, args: ["dev", ...argv], cwd, silent: true });
    this.#spare = this.#fork();
  }

  /** Serves the module as it is now. The version before goes on until this one is ready, and stays when it fails. */
  async start(): Promise<DevStart> {
    const { worker, waiting } = this.#spare;
    const started = new Promise<DevStart>((resolve) => {
      let ending: DevStart;
      worker.on("message", (message: WorkerMessage | PortRefusedMessage) => {
        if (message.kind === "ready") resolve(message.report);
        else if (message.kind === "port refused") ending = message.kind;
      });
      worker.once("exit", () => resolve(ending));
    });
    await waiting;
    if (worker.isConnected()) worker.send({ kind: "go" } satisfies GoMessage);
    const report = await started;
    if (this.#closed) return report;
    this.#spare = this.#fork();
    if (report === undefined || report === "port refused") return report;
    const before = this.#serving;
    this.#serving = worker;
    if (before !== undefined) await this.#retire(before);
    return report;
  }

  /** True while some version of the module serves. */
  get isServing(): boolean {
    return this.#serving?.isDead() === false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#spare.worker.process.kill("SIGKILL");
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    if (this.#serving !== undefined) tellToEnd(this.#serving);
    await Promise.all(ends);
  }

  /**
   * Waits until a worker that is idle has closed, so that its kept connections do not answer for the version before; its last
   * counts say so. Its process ends later, and nobody waits for that.
   */
  async #retire(worker: Worker): Promise<void> {
    const end = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
      worker.on("message", ({ kind }: WorkerMessage) => {
        if (kind === "last") resolve();
      });
    });
    tellToEnd(worker);
    await Promise.race([end, delay(MAX_WAIT_MS)]);
  }

  #fork(): Spare {
    const worker = cluster.fork();
    worker.on("error", () => undefined);
    const { stdout, stderr } = worker.process;
    if (stdout) createInterface({ input: stdout }).on("line", this.#options.onLine);
    stderr?.on("data", (chunk) => this.#options.warn(String(chunk)));
    const waiting = new Promise<void>((resolve) => {
      worker.on("message", (message: WorkerMessage | WaitingMessage) => {
        if (message.kind === "waiting") resolve();
      });
      worker.once("exit", () => resolve());
    });
    return { worker, waiting };
  }
}

/** Without a drain: nobody balances requests to a laptop. */
function tellToEnd(worker: Worker): void {
  if (worker.isConnected()) worker.send({ kind: "close", reason: "SIGINT" } satisfies PrimaryMessage);
}
