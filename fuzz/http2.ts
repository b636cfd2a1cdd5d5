import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { API_KEY } from "./credentials.ts";
import { type Http2Script, http2Scripts } from "./http2-frames.ts";

/** Connections that are open at a time. */
const AT_A_TIME = 20;
/** The target's longest timeout is 0.8 s, and it looks at them every 0.5 s; the rest is for a machine that does other things. */
const STAY_MS = 30_000;
/** A client that does not read does not see the end either: it reads after so long. */
const READ_MS = 3000;
/** A second without a response counts as a hang; the rest is for a machine that does other things. */
const ANSWER_MS = 5000;

/** What the process holds. */
export interface Holdings {
  readonly descriptors: number;
  readonly timers: number;
}

/** Where the servers listen: the one that asks nobody, and the one that asks for credentials. */
interface Http2Ports {
  readonly open: number;
  readonly guarded: number;
}

/** Servers in a process of their own, started anew where a connection has ended it, so that the smallest one can be found. */
export class Http2Target {
  #process: ChildProcess | undefined;
  #ports: Http2Ports = { open: 0, guarded: 0 };
  /** The first sign that something is wrong: the process ended, or a connection was not closed. */
  fault: string | undefined;
  readonly #staying = new Set<Promise<void>>();

  async start(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) return;
    const file = fileURLToPath(new URL("./http2-target.ts", import.meta.url));
    const execArgv = ["--import", new URL("../bench/typescript.mjs", import.meta.url).href];
    const child = fork(file, [], { execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#process = child;
    this.fault = undefined;
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("exit", (code, signal) => {
      this.fault = `the server ended (${code ?? signal}): ${errors.slice(0, 2000)}`;
    });
    const [ports] = (await Promise.race([once(child, "message"), once(child, "exit").then(() => [])])) as [Http2Ports?];
    if (ports === undefined) throw new Error(`the target does not start: ${errors}`);
    this.#ports = ports;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.disconnect();
    await exit;
  }

  /** Holds true once all is quiet again, or is what it was after some seconds. */
  async settle(wanted: Holdings): Promise<Holdings> {
    await Promise.all(this.#staying);
    let found = await this.holdings();
    for (let i = 0; i < 100 && (found.descriptors > wanted.descriptors || found.timers > wanted.timers); i++) {
      await delay(100);
      found = await this.holdings();
    }
    return found;
  }

  async holdings(): Promise<Holdings> {
    const child = this.#process;
    if (child === undefined || this.fault !== undefined) throw new Error(this.fault ?? "the target is not started");
    child.send("report");
    const end = new AbortController();
    const onExit = (): void => end.abort();
    child.once("exit", onExit);
    const [holdings] = (await once(child, "message", { signal: end.signal })) as [Holdings];
    child.off("exit", onExit);
    return holdings;
  }

  /** Plays these at once, then sees that the server is there and answers. */
  async play(scripts: readonly Http2Script[]): Promise<void> {
    await Promise.all(scripts.map((script) => this.#playOne(script)));
    // A busy machine may see the head of one request too late.
    await this.#assertAlive().catch(() => this.#assertAlive());
    if (this.fault !== undefined) throw new Error(this.fault);
  }

  async #playOne({ guarded, writes, end, reads }: Http2Script): Promise<void> {
    const port = guarded ? this.#ports.guarded : this.#ports.open;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const closed = new Promise<void>(
      (resolve) => void socket.on("error", () => undefined).once("close", () => resolve()),
    );
    if (reads) socket.resume();
    for (const bytes of writes) {
      if (socket.destroyed) return;
      await new Promise((resolve) => socket.write(bytes, resolve));
    }
    if (end === "reset") socket.resetAndDestroy();
    else if (end === "finish") socket.end();
    if (end === "reset") return closed;
    if (end === "finish") socket.resume();
    this.#mustClose(socket, closed, writes);
  }

  /** The server must have closed it once its time is over; others do not wait for that. */
  #mustClose(socket: Socket, closed: Promise<void>, writes: readonly Buffer[]): void {
    const timer = setTimeout(() => {
      this.fault ??= `a connection was not closed within ${STAY_MS} ms: ${Buffer.concat(writes).toString("hex")}`;
      socket.destroy();
    }, STAY_MS);
    const look = setTimeout(() => socket.resume(), READ_MS);
    const done = closed.then(() => {
      clearTimeout(timer);
      clearTimeout(look);
      this.#staying.delete(done);
    });
    this.#staying.add(done);
  }

  async #assertAlive(): Promise<void> {
    await Promise.all(Object.values(this.#ports).map((port) => this.#assertAnswers(port)));
  }

  #assertAnswers(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const url = `http://127.0.0.1:${port}/v2/health/live`;
      const options = { agent: false, timeout: ANSWER_MS, headers: { "x-api-key": API_KEY } };
      const request = get(url, options, (response) => {
        if (response.statusCode !== 200) reject(new Error(`the server answered ${response.statusCode}`));
        response.resume().once("end", () => resolve());
      });
      request.once("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
      request.once("error", async (error) => {
        // Its last words come a moment later, where it has ended.
        for (let i = 0; i < 30 && this.fault === undefined; i++) await delay(100);
        reject(new Error(this.fault ?? `the server does not answer: ${error.message}`));
      });
    });
  }
}

/** What a run has found. */
export interface Http2Run {
  readonly connections: number;
  /** What went wrong, with the smallest connections that show it. */
  readonly failure: string | undefined;
  readonly before: Holdings;
  readonly after: Holdings;
}

/** So many connections that break HTTP/2 in every way; the server must outlive them and keep nothing of them. */
export async function runHttp2({ connections, seed }: { connections: number; seed?: number }): Promise<Http2Run> {
  const target = new Http2Target();
  await target.start();
  try {
    // What is loaded at the first connection of each kind is no leak.
    await target.play(fc.sample(http2Scripts, { numRuns: 50, seed: 1 }));
    const before = await target.settle({ descriptors: 0, timers: 0 });
    const batch = fc.array(http2Scripts, { minLength: AT_A_TIME, maxLength: AT_A_TIME });
    const property = fc.asyncProperty(batch, async (scripts) => {
      await target.start();
      await target.play(scripts);
    });
    const numRuns = Math.ceil(connections / AT_A_TIME);
    const result = await fc.check(property, { numRuns, ...(seed === undefined ? {} : { seed }), endOnFailure: false });
    const failure = result.failed ? `${result.errorInstance}\n${fc.defaultReportMessage(result)}` : target.fault;
    const after = result.failed ? before : await target.settle(before);
    return {
      connections: result.numRuns * AT_A_TIME,
      failure: failure ?? target.fault,
      before,
      after,
    };
  } finally {
    await target.stop();
  }
}
