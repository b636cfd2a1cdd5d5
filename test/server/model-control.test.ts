import * as grpc from "@grpc/grpc-js";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/serve-options.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const events: string[] = [];
let generation = 0;
let release: (() => void) | undefined;
let loadFails = false;

class Numbered extends Transformer {
  readonly number = ++generation;

  override load(): void {
    if (loadFails) throw new Error("not this time");
  }

  override async predict(request: InferRequest): Promise<InferResponse> {
    if (request.instances[0] === "wait") {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    return request.reply({ predictions: [this.number] });
  }

  override close(): void {
    events.push(`closed ${this.number}`);
  }
}

let server: ServerHandle;
beforeEach(() => {
  events.length = 0;
  generation = 0;
  loadFails = false;
});
afterEach(() => server.close());

const KEYS = { modelControl: true, authentication: { apiKeys: ["k"] } };

async function start(options: Partial<ServeOptions> = KEYS): Promise<void> {
  server = await serve(Numbered, { host: "127.0.0.1", port: 0, modelName: "m", log, ...options });
  await server.ready();
}

async function post(
  path: string,
  body = "{}",
  headers: Record<string, string> = { "x-api-key": "k" },
): Promise<unknown> {
  const response = await fetch(server.url + path, { method: "POST", body, headers });
  return { status: response.status, ...((await response.json()) as object) };
}

const load = (): Promise<unknown> => post("/v2/repository/models/m/load");
const predict = (row = "go"): Promise<unknown> => post("/v1/models/m:predict", JSON.stringify({ instances: [row] }));

test("load makes a new transformer take over, and the old one is closed after its last request", async () => {
  await start();
  expect(await predict()).toMatchObject({ predictions: [1] });
  const waiting = predict("wait");
  while (release === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await load()).toEqual({ status: 200, name: "m", load: true });
  expect(await predict()).toMatchObject({ predictions: [2] });
  expect(events).toEqual([]);
  release();
  release = undefined;
  expect(await waiting).toMatchObject({ status: 200, predictions: [1] });
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual(["closed 1"]);
});

test("a load that fails leaves the one that serves, and says no more than that", async () => {
  await start();
  loadFails = true;
  expect(await load()).toMatchObject({ status: 503, error: "model 'm' failed to load" });
  expect(await predict()).toMatchObject({ status: 200, predictions: [1] });
});

test("100 reloads under load lose no request and close every old transformer", async () => {
  await start();
  let done = false;
  const statuses: unknown[] = [];
  const client = async (): Promise<void> => {
    while (!done) statuses.push(((await predict()) as { status: number }).status);
  };
  const clients = Promise.all([client(), client(), client()]);
  for (let count = 0; count < 100; count++) await load();
  done = true;
  await clients;
  expect(statuses.length).toBeGreaterThan(100);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(events).toHaveLength(100);
});

test("unload ends it, the index says so, load brings it back", async () => {
  await start();
  expect(await post("/v2/repository/models/m/unload")).toEqual({ status: 200, name: "m", unload: true });
  expect(await predict()).toMatchObject({ status: 503 });
  const index = await fetch(`${server.url}/v2/repository/index`, { method: "POST", headers: { "x-api-key": "k" } });
  expect(await index.json()).toEqual([{ name: "m", state: "UNAVAILABLE", reason: "unloaded" }]);
  await load();
  expect(await predict()).toMatchObject({ predictions: [2] });
});

test("without the flag, and without credentials, nobody loads or unloads, on REST and gRPC", async () => {
  await start();
  expect(await post("/v2/repository/models/m/unload", "{}", {})).toMatchObject({ status: 401 });
  expect(await callUnload({})).toBe(grpc.status.UNAUTHENTICATED);
  await server.close();
  await start({ authentication: { apiKeys: ["k"] } });
  expect(await post("/v2/repository/models/m/unload")).toMatchObject({ status: 403, code: "permission_denied" });
  expect(await load()).toMatchObject({ status: 403 });
  expect(await callUnload({ "x-api-key": "k" })).toBe(grpc.status.PERMISSION_DENIED);
  expect(await predict()).toMatchObject({ status: 200 });
});

test("gRPC's unload with the flag and a key unloads", async () => {
  await start();
  expect(await callUnload({ "x-api-key": "k" })).toBe(grpc.status.OK);
  expect(await predict()).toMatchObject({ status: 503 });
});

test("the option without credentials is refused at the start", async () => {
  await expect(serve(Numbered, { modelControl: true, port: 0, log })).rejects.toThrow(/needs authentication/);
  await start();
});

/** RepositoryModelUnload of m: field 1 is the model's name. */
function callUnload(headers: Readonly<Record<string, string>>): Promise<grpc.status> {
  const client = new grpc.Client(server.grpcUrl ?? "", grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const identity = (bytes: Buffer): Buffer => bytes;
  const path = "/inference.GRPCInferenceService/RepositoryModelUnload";
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, identity, identity, Buffer.from([0x0a, 1, 0x6d]), metadata, (error) => {
      client.close();
      resolve(error?.code ?? grpc.status.OK);
    });
  });
}
