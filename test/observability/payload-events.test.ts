import * as grpc from "@grpc/grpc-js";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { createAccessLog } from "../../src/observability/access-log.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createPayloadEvents, type PayloadEvents } from "../../src/observability/payload-events/payload-events.ts";
import { createPayloadLog } from "../../src/observability/payload-log.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import { type MockPredictor, startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { type Collector, startCollector } from "./collector.ts";
import { startCompletionPredictor } from "./completion-predictor.ts";

class Echo extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request;
  }
}

const lines: string[] = [];
const log = createLogger({ level: "trace", destination: { write: (line) => void lines.push(line) } });
const outcomes: string[] = [];
let mock: MockPredictor;
let completions: { readonly url: string; close(): void };
let collector: Collector;
let events: PayloadEvents;
let server: ServerHandle;

beforeAll(async () => {
  mock = await startMockPredictor();
  completions = await startCompletionPredictor();
});
beforeEach(async () => {
  lines.length = 0;
  outcomes.length = 0;
  collector = await startCollector();
});
afterEach(async () => {
  mock.recover();
  await server.close();
  collector.close();
  await events.close(100);
});
afterAll(async () => {
  await mock.close();
  completions.close();
});

async function start(options: Partial<Parameters<typeof createPayloadEvents>[0]> = {}, host = mock.url): Promise<void> {
  events = createPayloadEvents({
    url: new URL(collector.url),
    service: { name: "clothes", namespace: "shop" },
    log,
    onEnd: (outcome) => void outcomes.push(outcome),
    ...options,
  });
  const predictor = createHttpPredictor({ host, modelName: "m" });
  const logs = [createAccessLog(log), createPayloadLog({ log, sample: 1, redacted: options.redacted })];
  server = await serve(Echo, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log,
    predictor,
    listeners: [...logs, events],
  });
  await server.ready();
}

const SECRETS = {
  authorization: "Bearer s3cret-token",
  "x-api-key": "s3cret-key",
  cookie: "session=s3cret-cookie",
  "proxy-authorization": "Basic s3cret-proxy",
};

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(server.url + path, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-request-id": "asked", ...SECRETS, ...headers },
  });
  await response.clone().arrayBuffer();
  return response;
}

const V1 = "/v1/models/m:predict";
const V2 = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1.5]}]}';

test("a request and its response are two events with KServe's types and attributes, and the bodies as they went", async () => {
  await start();
  await post(V1, '{"instances": [1.0]}', { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
  const [request, response] = await collector.until(2);
  const same = {
    "ce-specversion": "1.0",
    "ce-id": "asked",
    "ce-source": "io.kserve.inference.m",
    "ce-inferenceservicename": "clothes",
    "ce-namespace": "shop",
    "ce-component": "transformer",
    "ce-endpoint": "default",
    "ce-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "content-type": "application/json",
  };
  expect(request?.headers).toMatchObject({ ...same, "ce-type": "org.kubeflow.serving.inference.request" });
  expect(response?.headers).toMatchObject({ ...same, "ce-type": "org.kubeflow.serving.inference.response" });
  expect([request?.body, response?.body]).toEqual(['{"instances": [1.0]}', '{"predictions":[1]}']);
});

test("the id of an event that asks is the id of its events", async () => {
  await start();
  const attributes = { "ce-specversion": "1.0", "ce-id": "e-7", "ce-source": "s", "ce-type": "t" };
  await post(V1, '{"instances":[1]}', attributes);
  expect((await collector.until(2)).map(({ headers }) => headers["ce-id"])).toEqual(["e-7", "e-7"]);
});

test("chosen headers are the request's metadata and annotations are every event's, as KServe's logger writes them", async () => {
  await start({ headers: ["x-tenant", "x-absent"], annotations: { team: "größe" } });
  await post(V1, '{"instances":[1]}', { "x-tenant": 'shop, "1"' });
  const [request, response] = await collector.until(2);
  const read = (name: string, event = request): unknown => {
    const value = event?.headers[name];
    return typeof value === "string" ? JSON.parse(decodeURIComponent(value)) : undefined;
  };
  expect(read("ce-metadata")).toEqual({ "X-Tenant": ['shop, "1"'] });
  expect(read("ce-metadata", response)).toBeUndefined();
  expect([read("ce-annotations"), read("ce-annotations", response)]).toEqual([{ team: "größe" }, { team: "größe" }]);
});

test.each([["request"], ["response"]] as const)("mode %s sends that event alone", async (mode) => {
  await start({ mode });
  await post(V1, '{"instances":[1]}');
  await post(V1, '{"instances":[2]}');
  const types = (await collector.until(2)).map(({ headers }) => headers["ce-type"]);
  expect(types).toEqual(Array(2).fill(`org.kubeflow.serving.inference.${mode}`));
});

test("a request that fails has its own event and no response's, as with KServe's logger", async () => {
  await start();
  mock.fail({ status: 500, body: '{"error":"x"}' }, 1);
  await post(V1, '{"instances":[1]}');
  await post(V1, '{"instances":[2]}');
  const types = (await collector.until(3)).map(({ headers, body }) => `${headers["ce-type"]} ${body}`);
  expect(types).toHaveLength(3);
  expect(types.filter((type) => type.includes("response"))).toEqual([expect.stringContaining('{"predictions":[2]}')]);
});

test("a sample is a sample, drawn once for both events", async () => {
  const draws = [0.9, 0.1];
  await start({ sample: 0.5, random: () => draws.shift() ?? 1 });
  await post(V1, '{"instances":["not"]}');
  await post(V1, '{"instances":["sampled"]}');
  await collector.until(2);
  await events.close();
  expect(collector.events.map(({ body }) => body)).toEqual([
    '{"instances":["sampled"]}',
    '{"predictions":["sampled"]}',
  ]);
});

test("what is redacted is in no event and in no line of the log, whatever the form of the body", async () => {
  await start({ redacted: new Set(["ssn", "output-0"]) });
  await post(V1, '{"instances":[{"ssn":"078-05","age":1.0}]}');
  await post("/v2/models/m/infer", '{"inputs":[{"name":"ssn","datatype":"BYTES","shape":[1],"data":["078-05"]}]}');
  const head = Buffer.from(
    '{"inputs":[{"name":"ssn","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":10}}]}',
  );
  const binary = Buffer.concat([head, Buffer.from([6, 0, 0, 0]), Buffer.from("078-05")]);
  await post("/v2/models/m/infer", binary as unknown as string, {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(head.length),
  });
  const received = await collector.until(6);
  expect(received).toHaveLength(6);
  expect(JSON.stringify(received) + lines.join("")).not.toContain("078-05");
  expect(received[0]?.body).toBe('{"instances":[{"ssn":"[redacted]","age":1.0}]}');
  const left = received.find(({ body }) => body.includes("octet-stream"));
  expect(JSON.parse(left?.body ?? "")).toEqual({ redacted: "application/octet-stream", bytes: binary.length });
  expect(left?.headers["content-type"]).toBe("application/json");
});

test("a collector that is away, slow or full delays and fails no request; what is lost is counted and warned of once", async () => {
  collector.answer("never");
  await start({ maxEvents: 3 });
  const responses = await Promise.all(Array.from({ length: 20 }, () => post(V1, '{"instances":[1]}')));
  expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(outcomes.filter((outcome) => outcome === "dropped").length).toBeGreaterThan(20);
  collector.close();
  await events.close(50);
  expect(outcomes).toHaveLength(40);
  expect(outcomes).toContain("failed");
  expect(lines.filter((line) => line.includes("payload events are lost"))).toHaveLength(1);
});

test("a collector that refuses is counted as failed; what waits at the end is sent", async () => {
  collector.answer(500);
  await start();
  await post(V1, '{"instances":[1]}');
  await collector.until(2);
  collector.answer(200);
  await post(V1, '{"instances":[1]}');
  await events.close();
  expect(outcomes).toEqual(["failed", "failed", "sent", "sent"]);
});

describe("on every front", () => {
  test("V1, V2, events, gRPC and completions are sent, and no credential is in an event or in any line of any log", async () => {
    await start();
    await post(V1, '{"instances":[1]}');
    await post("/v2/models/m/infer", V2);
    await post(V1, '{"instances":[1]}', { "ce-specversion": "1.0", "ce-id": "e", "ce-source": "s", "ce-type": "t" });
    await askGrpc(server.grpcUrl ?? "");
    mock.fail({ status: 503, body: "{}" }, 1);
    await post(V1, '{"instances":["fails"]}');
    await post(V1, "{no json");
    const received = await collector.until(10);
    expect(received.map(({ headers }) => headers["ce-protocol"])).toEqual(
      expect.arrayContaining(["v1", "v2", "grpc-v2"]),
    );
    expect(received.find(({ headers }) => headers["ce-protocol"] === "grpc-v2")?.headers["content-type"]).toBe(
      "application/protobuf",
    );
    expect(JSON.stringify(received) + lines.join("\n")).not.toMatch(/s3cret/);
  });

  test("completions, whole and streamed, too", async () => {
    await start({}, completions.url);
    await post("/openai/v1/completions", '{"model":"m","prompt":"hi"}');
    await post("/openai/v1/completions", '{"model":"m","prompt":"hi","stream":true}');
    const received = await collector.until(4);
    expect(received.map(({ body }) => body)).toEqual([
      '{"model":"m","prompt":"hi"}',
      '{"choices":[{"text":"hello"}]}',
      '{"model":"m","prompt":"hi","stream":true}',
      'data: {"choices":[{"text":"he"}]}\n\ndata: [DONE]\n\n',
    ]);
    expect(received[3]?.headers["content-type"]).toBe("text/event-stream");
    expect(JSON.stringify(received) + lines.join("\n")).not.toMatch(/s3cret/);
  });
});

/** A ModelInfer of the model m without inputs, as bytes: field 1 is the model's name. */
async function askGrpc(address: string): Promise<void> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(SECRETS)) metadata.set(name, value);
  const identity = (bytes: Buffer): Buffer => bytes;
  const tensor = Buffer.from([
    0x0a,
    1,
    0x78,
    0x12,
    4,
    ...Buffer.from("FP32"),
    0x1a,
    1,
    1,
    0x2a,
    6,
    0x32,
    4,
    0,
    0,
    0x80,
    0x3f,
  ]);
  const message = Buffer.concat([Buffer.from([0x0a, 1, 0x6d, 0x2a, tensor.length]), tensor]);
  await new Promise<void>((resolve) => {
    client.makeUnaryRequest("/inference.GRPCInferenceService/ModelInfer", identity, identity, message, metadata, () =>
      resolve(),
    );
  });
  client.close();
}
