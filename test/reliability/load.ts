import { Buffer } from "node:buffer";
import { Agent, type ClientRequest, request } from "node:http";
import type { Socket } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import { ModelInferRequestSchema, ModelInferResponseSchema } from "../../src/protocol/grpc/gen/inference_pb.ts";
import { callUnary, connect, SERVICE } from "../server/grpc/grpc-fixtures.ts";

/** A request that brought no good answer. */
export interface Failure {
  readonly message: string;
  readonly url: string;
  /** The process that had answered last on its connection; undefined on a new one. */
  readonly pid: number | undefined;
  readonly at: number;
}

/** What came of all requests so far. */
export interface LoadResult {
  readonly failures: readonly Failure[];
  /** Answers by the process that gave them. */
  readonly answers: ReadonlyMap<number, number>;
  /** Answers by the URL that gave them. */
  readonly byUrl: ReadonlyMap<string, number>;
}

export interface Load extends LoadResult {
  total(): number;
  /** Answers of all processes but these. */
  answersBesides(pids: ReadonlySet<number>): number;
  /** One more client. */
  add(): void;
  /** Lets the requests on their way end. */
  stop(): Promise<LoadResult>;
}

/** One client with one connection to each server. */
interface Connection {
  /** The answering process. */
  ask(url: string): Promise<number>;
  lastPid(url: string): number | undefined;
  close(): void;
}

export type Protocol = "HTTP/1.1" | "gRPC";

/** A request that is not answered by then has failed. */
const TIMEOUT_MS = 15_000;

/**
 * So many clients, each with one connection that it keeps, each sending its next request as soon as the last is answered, to
 * a server that `route` chooses.
 */
export function startLoad(protocol: Protocol, connections: number, route: () => string): Load {
  const failures: Failure[] = [];
  const answers = new Map<number, number>();
  const byUrl = new Map<string, number>();
  let stopping = false;
  const loop = async (): Promise<void> => {
    const connection = protocol === "gRPC" ? new GrpcConnection() : new HttpConnection();
    while (!stopping) {
      const url = route();
      try {
        const pid = await connection.ask(url);
        answers.set(pid, (answers.get(pid) ?? 0) + 1);
        byUrl.set(url, (byUrl.get(url) ?? 0) + 1);
      } catch (error) {
        failures.push({ message: String(error), url, pid: connection.lastPid(url), at: Date.now() });
      }
    }
    connection.close();
  };
  const loops = Array.from({ length: connections }, loop);
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  return {
    failures,
    answers,
    byUrl,
    total: () => sum(answers.values()),
    answersBesides: (pids) => sum([...answers].map(([pid, count]) => (pids.has(pid) ? 0 : count))),
    add: () => void loops.push(loop()),
    stop: async () => {
      stopping = true;
      await Promise.all(loops);
      return { failures, answers, byUrl };
    },
  };
}

class HttpConnection implements Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #pids = new WeakMap<Socket, number>();
  #socket: Socket | undefined;

  async ask(url: string): Promise<number> {
    const body = '{"instances":[1]}';
    const headers = { "content-type": "application/json", "content-length": body.length };
    const outgoing = request(`${url}/v1/models/model:predict`, { method: "POST", agent: this.#agent, headers });
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("socket", (socket) => {
      this.#socket = socket;
    });
    outgoing.end(body);
    const { status, text } = await readResponseBody(outgoing);
    if (status !== 200) throw new Error(`${status} ${text}`);
    const [pid] = JSON.parse(text).predictions as number[];
    if (pid === undefined) throw new Error(text);
    if (this.#socket !== undefined) this.#pids.set(this.#socket, pid);
    return pid;
  }

  lastPid(): number | undefined {
    return this.#socket && this.#pids.get(this.#socket);
  }

  close(): void {
    this.#agent.destroy();
  }
}

function readResponseBody(
  outgoing: ClientRequest,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", async (incoming) => {
      try {
        const text = Buffer.concat(await incoming.toArray()).toString();
        resolve({ status: incoming.statusCode, text });
      } catch (error) {
        reject(error);
      }
    });
  });
}

const CALL = toBinary(
  ModelInferRequestSchema,
  create(ModelInferRequestSchema, {
    modelName: "model",
    inputs: [{ name: "x", datatype: "INT32", shape: [1n] }],
    rawInputContents: [Uint8Array.of(1, 0, 0, 0)],
  }),
);

class GrpcConnection implements Connection {
  readonly #clients = new Map<string, Client>();
  readonly #pids = new Map<string, number>();

  async ask(url: string): Promise<number> {
    const client = this.#clients.get(url) ?? connect(Number(new URL(url).port));
    this.#clients.set(url, client);
    const { bytes } = await callUnary(client, `${SERVICE}/ModelInfer`, CALL, { deadline: Date.now() + TIMEOUT_MS });
    const { outputs, rawOutputContents } = fromBinary(ModelInferResponseSchema, bytes);
    const raw = rawOutputContents[0];
    const pid = raw === undefined ? outputs[0]?.contents?.intContents[0] : Buffer.from(raw).readInt32LE(0);
    if (pid === undefined) throw new Error("no pid in the response");
    this.#pids.set(url, pid);
    return pid;
  }

  lastPid(url: string): number | undefined {
    return this.#pids.get(url);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
