import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { RequestTimeouts } from "./request-timeouts.ts";

/** Who can say whether requests may come, and when the event loops behind it were last seen to turn. */
export interface Heartbeat {
  isReady(): Promise<boolean>;
  /** Monotonic nanoseconds, `process.hrtime.bigint()`. */
  lastBeat(): bigint;
}

/** What the probe thread starts with. */
export interface ProbeWorkerData extends RequestTimeouts {
  /** 8 bytes: monotonic nanoseconds of the last heartbeat; 4 bytes: 1 when ready. */
  readonly shared: SharedArrayBuffer;
  readonly host: string | undefined;
  readonly port: number;
  readonly maxHeartbeatAgeMs: number;
}

export interface ProbeServerOptions extends RequestTimeouts {
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Liveness fails when the main thread has not been heard of for so long. */
  readonly maxHeartbeatAgeMs: number;
}

/** Health on a port and a thread of its own. */
export interface ProbeServer {
  readonly port: number;
  /** Tells the thread at once, not only at the next heartbeat. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const HEARTBEAT_MS = 250;

/** @throws the listen error with its code. */
export async function startProbeServer(source: Heartbeat, options: ProbeServerOptions): Promise<ProbeServer> {
  const shared = new SharedArrayBuffer(16);
  const heartbeat = new BigInt64Array(shared, 0, 1);
  const ready = new Int32Array(shared, 8, 1);
  const beat = async (): Promise<void> => {
    Atomics.store(heartbeat, 0, source.lastBeat());
    Atomics.store(ready, 0, (await source.isReady()) ? 1 : 0);
  };
  await beat();
  const { host, port, maxHeartbeatAgeMs, headersTimeoutMs, receiveTimeoutMs } = options;
  const workerData: ProbeWorkerData = { shared, host, port, maxHeartbeatAgeMs, headersTimeoutMs, receiveTimeoutMs };
  // The thread's file has the extension that this one has: .js once built, .ts where Node runs the source.
  const file = new URL(`./probe-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
  const worker = new Worker(file, { workerData });
  const bound = await new Promise<number>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: { port?: number; error?: string; code?: string }) => {
      if (message.port !== undefined) resolve(message.port);
      else reject(Object.assign(new Error(`probe port: ${message.error}`), { code: message.code, port }));
    });
  });
  const timer = setInterval(() => void beat(), HEARTBEAT_MS).unref();
  worker.unref();
  return {
    port: bound,
    refresh: beat,
    close: async () => {
      clearInterval(timer);
      await worker.terminate();
    },
  };
}
