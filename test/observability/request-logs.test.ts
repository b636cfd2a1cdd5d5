import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createAccessLog } from "../../src/observability/access-log.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { createPayloadLog } from "../../src/observability/payload-log.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { AppOptions } from "../../src/server/serve-options.ts";
import { type MockPredictor, startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

class Plain extends Transformer {}

const lines: Record<string, unknown>[] = [];
const log = createLogger({ destination: { write: (line) => void lines.push(JSON.parse(line)) } });
let mock: MockPredictor;
let server: ServerHandle | undefined;

beforeAll(async () => {
  mock = await startMockPredictor();
});
beforeEach(() => void lines.splice(0));
afterEach(() => server?.close());
afterAll(() => mock.close());

async function start(options: AppOptions, model: new () => Transformer = Plain): Promise<string> {
  const predictor = createHttpPredictor({ host: mock.url, modelName: "m" });
  server = await serve(model, { host: "127.0.0.1", port: 0, modelName: "m", log, predictor, ...options });
  await server.ready();
  return server.url;
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(`${url}/v1/models/m:predict`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-request-id": "asked", authorization: "Bearer secret" },
  });

test("the access log has one line a request, unread ones included, none for probes, and no secret", async () => {
  const url = await start({ listeners: [createAccessLog(log)] });
  await fetch(`${url}/v2/health/ready`);
  await fetch(`${url}/v1/models/m`);
  await (await post(url, '{"instances":[1]}')).text();
  mock.fail({ status: 429, body: "{}" }, 1);
  await (await post(url, '{"instances":[1]}')).text();
  const requests = lines.filter(({ msg }) => msg === "request");
  const same = { requestId: "asked", model: "m", verb: "predict", protocol: "v1", requestBytes: 17 };
  expect(requests).toEqual([
    expect.objectContaining({ ...same, status: 200, responseBytes: 19, milliseconds: expect.any(Number) }),
    expect.objectContaining({ ...same, status: 429 }),
  ]);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("the payload log has both bodies of a sample, also where no hook reads them, cut where they are long", async () => {
  const draws = [0.9, 0.1];
  const payloads = createPayloadLog({ log, sample: 0.5, maxBytes: 30, random: () => draws.shift() ?? 1 });
  const url = await start({ listeners: [payloads] });
  await (await post(url, '{"instances":["not sampled"]}')).text();
  await (await post(url, '{"instances":["sampled, and rather long"]}')).text();
  expect(lines.filter(({ msg }) => msg === "payload")).toEqual([
    expect.objectContaining({
      requestId: "asked",
      request: '{"instances":["sampled, and ra… (12 more bytes)',
      response: '{"predictions":["sampled, and … (14 more bytes)',
    }),
  ]);
});

test("the queue has a length, which falls again", async () => {
  const finish: (() => void)[] = [];
  class Slow extends Transformer {
    override async predict(request: InferRequest): Promise<InferResponse> {
      await new Promise<void>((resolve) => finish.push(resolve));
      return request.reply({ predictions: [1] });
    }
  }
  const metrics = createMetrics();
  const url = await start({ metrics, maxConcurrency: 1, maxQueue: 5 }, Slow);
  const calls = [post(url, '{"instances":[1]}'), post(url, '{"instances":[1]}')];
  const length = async (): Promise<string | undefined> =>
    /^kserve_transformer_queue_length\{model_name="m"\} (\d+)$/m.exec(await metrics.scrape())?.[1];
  while ((await length()) !== "1") await new Promise((resolve) => setImmediate(resolve));
  finish[0]?.();
  while (finish.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(await length()).toBe("0");
  finish[1]?.();
  await Promise.all(calls);
  metrics.close();
});
