import type { InferRequest } from "../../src/inference/infer-request.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import { type MockPredictor, startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const seen: unknown[] = [];
const lines: Record<string, unknown>[] = [];
const log = createLogger({ destination: { write: (line) => void lines.push(JSON.parse(line)) } });

class Recording extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    seen.push(request.instances);
    return request;
  }
}

let mock: MockPredictor;
let server: ServerHandle;
beforeEach(async () => {
  mock = await startMockPredictor();
  seen.length = 0;
  lines.length = 0;
});
afterEach(async () => {
  await server.close();
  await mock.close();
});

async function start(...bodies: string[]): Promise<void> {
  const predictor = createHttpPredictor({ host: mock.url, modelName: "m" });
  const warmUp = bodies.map((body) => Buffer.from(body));
  server = await serve(Recording, { host: "127.0.0.1", port: 0, modelName: "m", log, predictor, warmUp });
}

const V2 = '{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[7]}]}';

test("requests go through hooks and predictor, V1's and V2's, before the model is ready", async () => {
  await start('{"instances":[1,2]}', V2);
  await server.ready();
  expect(seen).toEqual([[1, 2], [{ x: 7 }]]);
  expect(mock.requests).toHaveLength(2);
  expect(lines.map(({ msg }) => msg)).toContain("model 'm' is warm");
});

test("while the predictor fails the model is not ready, and the log says why; once it answers, it is", async () => {
  mock.fail({ status: 503, body: '{"error":"starting"}' }, 1);
  await start('{"instances":[1]}');
  while (mock.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(503);
  expect((await fetch(`${server.url}/v2/health/live`)).status).toBe(200);
  await server.ready();
  expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(200);
  expect(lines.filter(({ level }) => level === "error")).toEqual([
    expect.objectContaining({ msg: expect.stringContaining("warm-up request 1 of 1 failed") }),
  ]);
});

test("an end during the warm-up is not waited for", async () => {
  mock.fail({ status: 503, body: "{}" });
  await start('{"instances":[1]}');
  while (mock.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  expect(lines.filter(({ msg }) => String(msg).includes("failed")).length).toBeGreaterThan(0);
});

test("a request that is itself wrong ends the load after three times, and the log says which and why", async () => {
  const broken = '{"inputs":[{"name":"x","datatype":"INT64","shape":[2],"data":[7]}]}';
  await start('{"instances":[1]}', broken);
  await expect(server.ready()).rejects.toThrow("warm-up request 2 of 2 cannot succeed: ");
  expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(503);
  expect(lines.filter(({ msg }) => String(msg).includes("warm-up request 2 of 2 failed"))).toHaveLength(2);
  expect(lines.at(-1)).toMatchObject({ msg: "model 'm' failed to load" });
});
