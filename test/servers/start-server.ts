import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const STOP_WITHIN_MS = 15_000;

/** A start script of this folder: `start-NAME.sh HTTP_PORT GRPC_PORT METRICS_PORT`. */
export type ServerName = "kserve" | "mlserver" | "triton" | "torchserve";

export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly grpcAddress: string;
  /** Everything that the server printed. */
  log(): string;
  /** SIGTERM to the process that was started here, SIGKILL when it does not go; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a real model server on loopback and waits until it says that it is ready. The first start makes its virtual
 * environment, which takes minutes.
 * @throws Error with the end of its log when it ends or is not ready in time.
 */
export async function startServer(
  name: ServerName,
  options: { readonly timeoutMs?: number } = {},
): Promise<RunningServer> {
  const { timeoutMs = 900_000 } = options;
  const [http, grpc, metrics] = await freePorts(3);
  const logFile = join(mkdtempSync(join(tmpdir(), `${name}-`)), "log");
  const output = openSync(logFile, "w");
  const child = spawn(join(FOLDER, `start-${name}.sh`), [String(http), String(grpc), String(metrics)], {
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const server: RunningServer = {
    url: `http://127.0.0.1:${http}`,
    grpcAddress: `127.0.0.1:${grpc}`,
    log: () => readFileSync(logFile, "utf8"),
    stop: () => stop(child),
  };
  try {
    await whenReady(`${server.url}${READY_PATH[name]}`, child, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    await server.stop();
    throw new Error(`${name} did not start:\n${server.log().slice(-4000)}`, { cause: error });
  }
  return server;
}

/** Python of a server's virtual environment, which is made if need be; for scripts beside the servers. */
export function pythonOf(name: ServerName | "ocr" | "paddle" | "pictures" | "pillow" | "torch" | "vision"): string {
  return join(venvOf(name), "bin", "python");
}

/** Folder of the virtual environment of `requirements/NAME.txt`, which is made if need be. */
export function venvOf(
  name:
    | ServerName
    | "ocr"
    | "schemathesis"
    | "paddle"
    | "perf-analyzer"
    | "pictures"
    | "pillow"
    | "torch"
    | "vision"
    | "text"
    | "text-models",
): string {
  return execFileSync(join(FOLDER, "make-venv.sh"), [name], { encoding: "utf8" }).trim();
}

const READY_PATH: Readonly<Record<ServerName, string>> = {
  kserve: "/v2/health/ready",
  mlserver: "/v2/health/ready",
  triton: "/v2/health/ready",
  torchserve: "/ping",
};

async function whenReady(url: string, child: ChildProcess, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("the process ended");
    const answer = await fetch(url, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await wait(200, undefined, { signal });
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(kill);
}

/** Held open together while they are chosen, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const listeners = await Promise.all(
    Array.from({ length: count }, async () => {
      const listener = createServer();
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      return listener;
    }),
  );
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  return ports;
}
