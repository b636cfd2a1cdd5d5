import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createBatchingPredictor } from "../../src/predictor/batching/batching-predictor.ts";
import { createCachingPredictor } from "../../src/predictor/caching/caching-predictor.ts";
import { createFunctionPredictor } from "../../src/predictor/embedded/function-predictor.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { Models } from "../../src/server/create-app.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/serve-options.ts";
import { startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

class Plain extends Transformer {}

class Declared extends Transformer {
  override inputs = [{ name: "image", datatype: "FP32", shape: [-1, 2] }] as const;
  override outputs = [{ name: "label", datatype: "BYTES", shape: [-1] }] as const;
  override preprocess(request: InferRequest): InferRequest {
    return request;
  }
  override postprocess(response: InferResponse): InferResponse {
    return response;
  }
}

async function start(models: Models, options: ServeOptions = {}): Promise<ServerHandle> {
  const server = await serve(models, { host: "127.0.0.1", port: 0, log, modelName: "m", ...options });
  opened.push(server);
  await server.ready();
  return server;
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

interface Duration {
  readonly count: number;
  readonly ns: number;
}

interface StatisticsBody {
  readonly name: string;
  readonly last_inference: number;
  readonly inference_count: number;
  readonly inference_stats: Readonly<
    Record<"success" | "fail" | "queue" | "compute_input" | "compute_infer" | "compute_output", Duration>
  >;
}

async function statisticsOf(url: string, path = "/v2/models/m/stats"): Promise<readonly StatisticsBody[]> {
  return (await get(url + path)).json["model_stats"] as readonly StatisticsBody[];
}

async function onlyStatisticsOf(url: string): Promise<StatisticsBody> {
  const [statistics, ...others] = await statisticsOf(url);
  if (statistics === undefined || others.length > 0) throw new Error("expected one model");
  return statistics;
}

const predict = (url: string, body: string, model = "m") =>
  fetch(`${url}/v1/models/${model}:predict`, { method: "POST", body, headers: { "content-type": "application/json" } });

const createEcho = () => createFunctionPredictor((request) => ({ outputs: request.inputs }));

describe("the model configuration", () => {
  test("has the declared tensors in Triton's words", async () => {
    const { url } = await start(Declared);
    const expected = {
      name: "m",
      platform: "kserve-transformer",
      max_batch_size: 0,
      input: [{ name: "image", data_type: "TYPE_FP32", dims: [-1, 2] }],
      output: [{ name: "label", data_type: "TYPE_STRING", dims: [-1] }],
    };
    expect(await get(`${url}/v2/models/m/config`)).toMatchObject({ status: 200, json: expected });
    expect(await get(`${url}/v2/models/m/versions/3/config`)).toMatchObject({ status: 200, json: expected });
  });

  test("has the predictor's where the transformer declares and hooks nothing", async () => {
    const inputs = [{ name: "x", datatype: "INT64", shape: [-1, 4] }] as const;
    const metadata = async () => ({ name: "p", platform: "onnx", inputs, outputs: [] });
    const { url } = await start(Plain, { predictor: { ...createEcho(), metadata } });
    expect((await get(`${url}/v2/models/m/config`)).json).toMatchObject({
      name: "m",
      platform: "onnx",
      input: [{ name: "x", data_type: "TYPE_INT64", dims: [-1, 4] }],
      output: [],
    });
  });

  test("says whether responses are kept", async () => {
    const cachingOf = (cacheBytes: number) =>
      createBatchingPredictor(
        createCachingPredictor(createEcho(), { cacheBytes, cacheTtlSeconds: 1, coalesce: true }),
        { maxBatchSize: 2, maxBatchDelayMs: 1 },
      );
    const models = Object.fromEntries(
      [0, 1000].map((bytes) => [`m${bytes}`, { transformer: Plain, predictor: cachingOf(bytes) }]),
    );
    const { url } = await start(models);
    for (const [name, enable] of [
      ["m0", false],
      ["m1000", true],
    ] as const) {
      expect((await get(`${url}/v2/models/${name}/config`)).json).toMatchObject({ response_cache: { enable } });
    }
  });

  test("of an unknown model is a 404", async () => {
    const { url } = await start(Plain);
    expect(await get(`${url}/v2/models/x/config`)).toMatchObject({ status: 404 });
    expect(await get(`${url}/v2/models/x/stats`)).toMatchObject({ status: 404 });
  });
});

describe("the statistics", () => {
  test("count successes with their parts, and failures", async () => {
    const { url } = await start(Declared, { predictor: createEcho() });
    const before = Date.now();
    for (let i = 0; i < 3; i++) expect((await predict(url, '{"instances":[[1,2]]}')).status).toBe(200);
    expect((await predict(url, '{"instances":[["a","b"]]}')).status).toBe(400);
    const statistics = await onlyStatisticsOf(url);
    const three = { count: 3, ns: expect.any(Number) };
    const none = { count: 0, ns: 0 };
    const compute = { compute_input: three, compute_infer: three, compute_output: three };
    expect(statistics).toEqual({
      name: "m",
      version: "1",
      last_inference: expect.any(Number),
      inference_count: 3,
      execution_count: 3,
      inference_stats: {
        success: three,
        fail: { count: 1, ns: expect.any(Number) },
        queue: { count: 3, ns: 0 },
        ...compute,
        cache_hit: none,
        cache_miss: none,
      },
      response_stats: {},
      batch_stats: [{ batch_size: 1, ...compute }],
      memory_usage: [],
    });
    const { success, compute_input: input, compute_infer: infer, compute_output: output } = statistics.inference_stats;
    for (const { ns } of [input, infer, output]) expect(ns).toBeGreaterThan(0);
    expect(success.ns).toBeGreaterThan(input.ns + infer.ns + output.ns);
    expect(Number.isSafeInteger(success.ns)).toBe(true);
    expect(statistics.last_inference).toBeGreaterThanOrEqual(before);
    expect(statistics.last_inference).toBeLessThanOrEqual(Date.now());
  });

  test("count what goes through unread, and the predictor's refusals as failures", async () => {
    const mock = await startMockPredictor();
    opened.push(mock);
    const { url } = await start(Plain, {
      predictor: createHttpPredictor({ host: mock.url, protocol: "v1", modelName: "m" }),
    });
    await predict(url, '{"instances":[1]}');
    mock.fail({ status: 429, body: "{}" });
    await predict(url, '{"instances":[1]}');
    const { inference_stats: found } = await onlyStatisticsOf(url);
    expect(found).toMatchObject({ success: { count: 1 }, fail: { count: 1 }, compute_infer: { count: 1 } });
    expect(found.compute_infer.ns).toBeGreaterThan(0);
    expect(found.fail.ns).toBeGreaterThan(0);
  });

  test("the wait for a place is the queue's", async () => {
    let enter = (): void => undefined;
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    class Slow extends Transformer {
      override async predict(request: InferRequest): Promise<InferResponse> {
        enter();
        await new Promise((resolve) => setTimeout(resolve, 60));
        return request.reply({ predictions: [1] });
      }
    }
    const { url } = await start(Slow, { maxConcurrency: 1 });
    const first = predict(url, '{"instances":[1]}');
    await entered;
    await Promise.all([first, predict(url, '{"instances":[1]}')]);
    const { inference_stats: found } = await onlyStatisticsOf(url);
    expect(found.queue.count).toBe(2);
    expect(found.queue.ns).toBeGreaterThan(20e6);
    expect(found.compute_infer.ns).toBeGreaterThan(110e6);
    expect(found.success.ns).toBeGreaterThan(found.queue.ns + found.compute_infer.ns);
  });

  test("of all models name each, also one that nobody asked", async () => {
    const { url } = await start({ a: Plain, b: Plain }, { predictor: createEcho() });
    await predict(url, '{"instances":[1]}', "b");
    const all = await statisticsOf(url, "/v2/models/stats");
    expect(all.map((each) => [each.name, each.inference_count])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(all[0]).toMatchObject({ last_inference: 0, inference_stats: { success: { count: 0, ns: 0 } } });
  });

  test("stand under the version that is asked for", async () => {
    const { url } = await start(Plain);
    expect(await statisticsOf(url, "/v2/models/m/versions/7/stats")).toMatchObject([{ name: "m", version: "7" }]);
  });

  test("a model named stats keeps its metadata", async () => {
    const { url } = await start({ stats: Plain });
    expect((await get(`${url}/v2/models/stats`)).json).toMatchObject({ name: "stats", inputs: [] });
    expect(await statisticsOf(url, "/v2/models/stats/stats")).toMatchObject([{ name: "stats" }]);
  });
});

test("both extensions are declared, and need the credentials that metadata needs", async () => {
  const { url } = await start(Plain, { authentication: { apiKeys: ["k"] } });
  const key = { "x-api-key": "k" };
  expect((await get(`${url}/v2`, key)).json["extensions"]).toEqual(
    expect.arrayContaining(["statistics", "model_configuration"]),
  );
  for (const path of ["/v2/models/m/config", "/v2/models/m/stats", "/v2/models/stats"]) {
    expect([path, (await get(url + path)).status, (await get(url + path, key)).status]).toEqual([path, 401, 200]);
  }
});
