import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ExchangeListener } from "../../../src/inference/exchange-listener.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createBreakingPredictor } from "../../../src/predictor/breaking-predictor.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import type { AppOptions } from "../../../src/server/serve-options.ts";
import type { JsonObject } from "../../../src/tensor/json-value.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Respond = (body: string, end: (status: number, type: string, text: string) => void) => void;

/** A predictor on loopback that responds to every path in the same way. */
async function startPredictor(respond: Respond): Promise<Predictor> {
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    respond(body, (status, type, text) => outgoing.writeHead(status, { "content-type": type }).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const predictor = createHttpPredictor({
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    protocol: "v2",
    modelName: "m",
  });
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return predictor;
}

async function start(source: new () => Transformer, options: AppOptions): Promise<ServerHandle> {
  const server = await serve(source, { host: "127.0.0.1", port: 0, modelName: "m", log, ...options });
  closing.push(() => server.close());
  await server.ready();
  return server;
}

const FRONTS = [
  ["V1", "/v1/models/m:predict", '{"instances":[[1]]}'],
  ["V2", "/v2/models/m/infer", '{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[1]}]}'],
  ["generate", "/v2/models/m/generate", '{"text_input":"a"}'],
  ["chat", "/openai/v1/chat/completions", '{"model":"m"}'],
] as const;

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

/** Every hook of a request waits for `opened`. */
let opened: Promise<void> = Promise.resolve();
class Waiting extends Transformer {
  override async preprocess(request: InferRequest) {
    await opened;
    return request.reply({ predictions: [1] });
  }
  override async preprocessCompletion(body: JsonObject) {
    await opened;
    return body;
  }
}

describe.each(FRONTS)("exchange of %s", (_name, path, body) => {
  const respond: Respond = (_body, end) => end(200, "application/json", '{"ok":true}');

  test("a hook that never ends is a 504, and its place is free again", async () => {
    opened = new Promise(() => undefined);
    const predictor = await startPredictor(respond);
    // The first completion loads modules, which takes a busy machine a second.
    const { url } = await start(Waiting, { predictor, maxConcurrency: 1, maxQueue: 0, requestTimeoutMs: 3000 });
    expect((await post(url + path, body)).status).toBe(504);
    opened = Promise.resolve();
    expect((await post(url + path, body)).status).toBe(200);
  });

  test("admission holds: one is inside, the next is refused", async () => {
    let open: () => void = () => undefined;
    opened = new Promise((resolve) => {
      open = resolve;
    });
    const predictor = await startPredictor(respond);
    const { url } = await start(Waiting, { predictor, maxConcurrency: 1, maxQueue: 0 });
    const first = post(url + path, body);
    await delay(50);
    const second = await post(url + path, body);
    open();
    expect([(await first).status, second.status, second.headers.get("retry-after")]).toEqual([200, 503, "1"]);
    expect((await post(url + path, body)).status).toBe(200);
  });

  test("the payload log sees both bodies", async () => {
    opened = Promise.resolve();
    const seen: [string, boolean][] = [];
    const payloads: ExchangeListener = {
      payload: (_exchange, request, response) => {
        seen.push([Buffer.concat(request.body).toString(), response !== undefined]);
      },
    };
    const predictor = await startPredictor(respond);
    const { url } = await start(Waiting, { predictor, listeners: [payloads] });
    await (await post(url + path, body)).text();
    expect(seen).toEqual([[body, true]]);
  });
});

describe("completions", () => {
  test("the circuit breaker opens for them and for inference alike", async () => {
    const predictor = await startPredictor((_body, end) => end(503, "application/json", "{}"));
    class Plain extends Transformer {}
    const breaking = createBreakingPredictor(predictor, { failures: 2, openMs: 60_000 });
    const { url } = await start(Plain, { predictor: breaking });
    const statuses: (string | null)[] = [];
    for (let i = 0; i < 4; i++) {
      const response = await post(`${url}/openai/v1/completions`, '{"model":"m"}');
      statuses.push(`${response.status} ${response.headers.get("retry-after")}`);
    }
    expect(statuses).toEqual(["503 null", "503 null", "503 60", "503 60"]);
  });

  test("a response larger than the limit is not held in memory for a hook", async () => {
    class Whole extends Transformer {
      override postprocessCompletion = (body: JsonObject) => body;
    }
    const predictor = await startPredictor((_body, end) => end(200, "application/json", `{"a":"${"x".repeat(5000)}"}`));
    const { url } = await start(Whole, { predictor, limits: { maxResponseBytes: 1000 } });
    const response = await post(`${url}/openai/v1/completions`, '{"model":"m"}');
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining("max_response_bytes")]);
  });

  test.each([
    ["hook", 'data: {"a":1}\n\n', 500, "internal"],
    ["predictor", "data: {broken\n\n", 502, "bad_gateway"],
  ])("a failure of the %s in a stream ends it, is counted and logged", async (_name, events, status, type) => {
    class Failing extends Transformer {
      override postprocessChunk = (): JsonObject => {
        throw new Error("boom");
      };
    }
    const ended: unknown[] = [];
    const lines: string[] = [];
    const listener: ExchangeListener = { requestEnded: (_exchange, outcome) => void ended.push(outcome.status) };
    const predictor = await startPredictor((_body, end) => end(200, "text/event-stream", events));
    const listening = createLogger({ level: "info", destination: { write: (line: string) => void lines.push(line) } });
    const { url } = await start(Failing, { predictor, listeners: [listener], log: listening });
    const response = await post(`${url}/openai/v1/completions`, '{"model":"m"}', { "x-request-id": "r1" });
    const [event] = (await response.text()).split("\n\n");
    const { error } = JSON.parse((event ?? "").replace("data: ", ""));
    expect(error).toMatchObject({ type, request_id: "r1", code: status });
    const generate = await (await post(`${url}/v2/models/m/generate_stream`, "{}")).text();
    expect(JSON.parse(generate.replace("data: ", ""))).toMatchObject({ error: expect.any(String), code: type });
    await delay(20);
    expect(ended).toEqual([status, status]);
    expect(lines.join("")).toContain('"requestId":"r1"');
  });

  test("a client that leaves a stream gives its place back", async () => {
    const predictor = await startPredictor((_body, end) =>
      end(200, "text/event-stream", "data: {}\n\n".repeat(200_000)),
    );
    class Plain extends Transformer {}
    const { url } = await start(Plain, { predictor, maxConcurrency: 1, maxQueue: 0 });
    const leaving = new AbortController();
    const body = '{"model":"m"}';
    const response = await fetch(`${url}/openai/v1/completions`, { method: "POST", body, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await delay(100);
    expect((await post(`${url}/openai/v1/completions`, body)).status).toBe(200);
  });
});
