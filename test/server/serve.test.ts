import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createEchoPredictor } from "../../src/predictor/embedded/echo-predictor.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { Models } from "../../src/server/create-app.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/serve-options.ts";
import { type MockPredictor, type MockPredictorOptions, startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

class Plain extends Transformer {}

async function start(models: Models, options: ServeOptions = {}): Promise<ServerHandle> {
  const server = await serve(models, { host: "127.0.0.1", port: 0, log, modelName: "m", ...options });
  opened.push(server);
  return server;
}

async function startBefore(mock: MockPredictorOptions = {}, protocol: "v1" | "v2" = "v1") {
  const predictor: MockPredictor = await startMockPredictor(mock);
  opened.push(predictor);
  const server = await start(Plain, {
    predictor: createHttpPredictor({ host: predictor.url, protocol, modelName: "m" }),
  });
  await server.ready();
  return { predictor, server };
}

const post = (url: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

describe("serve", () => {
  test("answers health, readiness, lists and metadata", async () => {
    const { url, ready } = await start({ a: Plain, b: Plain });
    await ready();
    const get = async (path: string) => {
      const response = await fetch(url + path);
      return [response.status, await response.json()];
    };
    expect(await get("/v2/health/live")).toEqual([200, { live: true }]);
    expect(await get("/v2/health/ready")).toEqual([200, { ready: true }]);
    expect(await get("/v1/models")).toEqual([200, { models: ["a", "b"] }]);
    expect(await get("/v2/models")).toEqual([200, { models: ["a", "b"] }]);
    expect(await get("/v1/models/a")).toEqual([200, { name: "a", ready: true }]);
    expect(await get("/v2/models/b/ready")).toEqual([200, { name: "b", ready: true }]);
    expect(await get("/v2")).toMatchObject([200, { name: "kserve-transformer", extensions: expect.any(Array) }]);
    expect(await get("/v2/models/a")).toMatchObject([200, { name: "a", inputs: [], outputs: [] }]);
    expect(await get("/")).toMatchObject([200, { status: "alive" }]);
    expect(await get("/v1/models/c")).toMatchObject([
      404,
      { error: "model 'c' does not exist: GET /v1/models names those that do", code: "not_found" },
    ]);
    expect(await get("/nowhere")).toMatchObject([404, { error: "no such route: GET /nowhere", code: "not_found" }]);
    expect(await get("/v2/nowhere")).toMatchObject([404, { error: expect.stringContaining("/v2/nowhere") }]);
  });

  test("is live but not ready while load() runs, and requests wait for it", async () => {
    let loaded = (): void => undefined;
    class Slow extends Transformer {
      override load(): Promise<void> {
        return new Promise((resolve) => {
          loaded = resolve;
        });
      }
      override predict(request: InferRequest): InferResponse {
        return request.reply({ predictions: request.instances });
      }
    }
    const { url } = await start(Slow);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(503);
    expect((await fetch(`${url}/v1/models/m`)).status).toBe(503);
    const waiting = post(`${url}/v1/models/m:predict`, '{"instances":[1]}');
    loaded();
    expect(await (await waiting).json()).toEqual({ predictions: [1] });
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
  });

  test("a model that fails to load answers 503 and ready() says why", async () => {
    class Failing extends Transformer {
      override load(): void {
        throw new Error("no vocabulary");
      }
    }
    const { url, ready } = await start(Failing);
    await expect(ready()).rejects.toThrow("no vocabulary");
    const response = await post(`${url}/v1/models/m:predict`, '{"instances":[1]}');
    expect([response.status, await response.json()]).toMatchObject([503, { error: "model 'm' is not ready" }]);
  });

  test("the wrong method is a 405 with Allow", async () => {
    const { url } = await start(Plain);
    const get = await fetch(`${url}/v1/models/m:predict`);
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    const remove = await fetch(`${url}/v2/health/live`, { method: "DELETE" });
    expect([remove.status, remove.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("without hooks the bytes of both directions go through as they are", async () => {
    const { predictor, server } = await startBefore();
    const body = ' { "instances" : [ 1.0, 12345678901234567890 ] , "extra" : null }';
    predictor.fail({ status: 200, body: '{ "predictions" : [ 1.0 ] }', headers: { "x-model": "seven" } });
    const response = await post(`${server.url}/v1/models/m:predict`, body, { "x-request-id": "r-9" });
    expect(await response.text()).toBe('{ "predictions" : [ 1.0 ] }');
    expect(new TextDecoder().decode(predictor.requests[0]?.body)).toBe(body);
    expect([response.headers.get("x-request-id"), response.headers.get("x-model")]).toEqual(["r-9", "seven"]);
    expect(predictor.requests[0]?.headers["x-request-id"]).toBe("r-9");
  });

  test("a predictor's error passes through with status, body and Retry-After", async () => {
    const { predictor, server } = await startBefore();
    predictor.fail({ status: 429, headers: { "retry-after": "9" }, body: '{"error":"slow down"}' });
    const response = await post(`${server.url}/v1/models/m:predict`, '{"instances":[1]}');
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      429,
      "9",
      { error: "slow down" },
    ]);
  });

  test("a predictor that is not there is a 503 that does not say where it should be", async () => {
    const { predictor, server } = await startBefore();
    await predictor.close();
    const response = await post(`${server.url}/v1/models/m:predict`, '{"instances":[1]}');
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(text).not.toMatch(/127\.0\.0\.1|localhost/);
  });

  test("a gzip body is read, a bomb is refused by the decompressed limit", async () => {
    const { predictor, server } = await startBefore();
    const zipped = gzipSync('{"instances":[1,2]}');
    const response = await post(`${server.url}/v1/models/m:predict`, zipped, { "content-encoding": "gzip" });
    expect(await response.json()).toEqual({ predictions: [1, 2] });
    const small = await start(Plain, { limits: { maxBodyBytes: 1000 } });
    const bomb = gzipSync(Buffer.alloc(1_000_000, 0x20));
    const refused = await post(`${small.url}/v1/models/m:predict`, bomb, { "content-encoding": "gzip" });
    expect([refused.status, await refused.json()]).toMatchObject([413, { error: expect.stringContaining("1000") }]);
    expect(predictor.requests.length).toBe(1);
  });

  test("a body over the limit is a 413 that names the limit, announced or not", async () => {
    const { url } = await start(Plain, { limits: { maxBodyBytes: 1000 } });
    const announced = await post(`${url}/v1/models/m:predict`, "x".repeat(2000));
    expect([announced.status, await announced.json()]).toMatchObject([413, { error: expect.stringContaining("1000") }]);
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("POST /v1/models/m:predict HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    socket.write(`7d0\r\n${"x".repeat(2000)}\r\n`);
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString()).toContain("HTTP/1.1 413");
    socket.destroy();
  });

  test("a client that leaves ends the hook's signal", async () => {
    let aborted = (_reason: unknown): void => undefined;
    let entered = (): void => undefined;
    const left = new Promise((resolve) => {
      aborted = resolve;
    });
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    class Waiting extends Transformer {
      override async predict(request: InferRequest, context: RequestContext<undefined>): Promise<InferResponse> {
        context.signal.addEventListener("abort", () => aborted(context.signal.reason));
        entered();
        await left;
        return request.reply({ predictions: [] });
      }
    }
    const { url } = await start(Waiting);
    const controller = new AbortController();
    const call = fetch(`${url}/v1/models/m:predict`, { method: "POST", body: "{}", signal: controller.signal });
    await inside;
    controller.abort();
    await expect(call).rejects.toThrow();
    expect(await left).toMatchObject({ code: "cancelled" });
  });

  test("the client's own deadline ends a hook that waits", async () => {
    class Waiting extends Transformer {
      override predict(_request: InferRequest, context: RequestContext<undefined>): Promise<InferResponse> {
        return new Promise((_resolve, reject) => {
          context.signal.addEventListener("abort", () => reject(context.signal.reason));
        });
      }
    }
    const { url } = await start(Waiting);
    const response = await post(`${url}/v1/models/m:predict`, "{}", { "x-request-timeout-ms": "20" });
    expect(response.status).toBe(504);
  });

  test("close() lets a request in flight finish, and says not ready meanwhile", async () => {
    let finish = (): void => undefined;
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    class Busy extends Transformer {
      override async predict(request: InferRequest): Promise<InferResponse> {
        entered();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return request.reply({ predictions: ["done"] });
      }
    }
    const server = await start(Busy, { drainDelayMs: 200 });
    const call = post(`${server.url}/v1/models/m:predict`, '{"instances":[1]}');
    await inside;
    const closed = server.close();
    expect((await fetch(`${server.url}/v2/health/ready`)).status).toBe(503);
    finish();
    expect(await (await call).json()).toEqual({ predictions: ["done"] });
    await closed;
    await expect(fetch(`${server.url}/v2/health/live`)).rejects.toThrow();
  });

  test("each of several models has its own predictor", async () => {
    const one = await startMockPredictor({ answer: () => ({ predictions: ["one"] }) });
    const two = await startMockPredictor({ answer: () => ({ predictions: ["two"] }) });
    opened.push(one, two);
    const { url } = await start({
      one: { transformer: Plain, predictor: createHttpPredictor({ host: one.url, modelName: "one" }) },
      two: { transformer: Plain, predictor: createHttpPredictor({ host: two.url, modelName: "two" }) },
    });
    const ask = async (name: string) =>
      (await post(`${url}/v1/models/${name}:predict`, '{"instances":[1]}')).json() as unknown;
    expect([await ask("one"), await ask("two")]).toEqual([{ predictions: ["one"] }, { predictions: ["two"] }]);
  });

  test("before createEchoPredictor what preprocess made is the response; without a predictor it is a 503 on every front", async () => {
    class Doubling extends Transformer {
      override preprocess(request: InferRequest): InferRequest {
        return request.withInstances(request.instances.map((row) => Number(row) * 2));
      }
    }
    const { url } = await start(Doubling, { predictor: createEchoPredictor() });
    expect(await (await post(`${url}/v1/models/m:predict`, '{"instances":[1,2]}')).json()).toEqual({
      predictions: [2, 4],
    });
    const alone = await start(Doubling);
    const v2 = '{"inputs":[{"name":"x","datatype":"INT32","shape":[1],"data":[1]}]}';
    const event = { "ce-specversion": "1.0", "ce-id": "7", "ce-source": "here", "ce-type": "asked" };
    for (const [path, body, headers] of [
      ["/v1/models/m:predict", '{"instances":[1]}', {}],
      ["/v2/models/m/infer", v2, {}],
      ["/v1/models/m:predict", '{"instances":[1]}', event],
    ] as const) {
      const response = await post(`${alone.url}${path}`, body, headers);
      expect([response.status, await response.json()]).toEqual([
        503,
        expect.objectContaining({
          error: expect.stringContaining("'m' has no predictor: name one with --predictor_host"),
        }),
      ]);
    }
  });

  test("a binary CloudEvent is answered by one", async () => {
    const { server } = await startBefore();
    const response = await post(`${server.url}/v1/models/m:predict`, '{"instances":[1]}', {
      "ce-specversion": "1.0",
      "ce-id": "7",
      "ce-source": "here",
      "ce-type": "asked",
    });
    expect(await response.json()).toEqual({ predictions: [1] });
    expect(response.headers.get("ce-source")).toBe("io.kserve.inference.m");
    expect(response.headers.get("ce-type")).toBe("io.kserve.inference.response");
  });

  test("a taken port is the listen error as node gives it", async () => {
    const { url } = await start(Plain);
    await expect(start(Plain, { port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
