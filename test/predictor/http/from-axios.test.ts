import { inspect } from "node:util";
import axios, { type AxiosInstance } from "axios";
import { InferenceError } from "../../../src/errors.ts";
import { fromAxios } from "../../../src/predictor/http/from-axios.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";
import { type Loopback, type LoopbackOptions, startLoopback } from "../loopback-predictor.ts";
import { testPredictor } from "../predictor-suite.ts";
import { httpAnswer, startRawServer } from "../raw-server.ts";
import { causesOf, inferenceErrorOf, rowsRequest, tensorsRequest } from "../requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  change: (instance: AxiosInstance) => void = () => undefined,
  options: Partial<HttpPredictorOptions> = {},
  loopbackOptions: LoopbackOptions = {},
): Promise<{ readonly loopback: Loopback; readonly predictor: Predictor }> {
  const loopback = await startLoopback(loopbackOptions);
  const instance = axios.create({ baseURL: loopback.url });
  change(instance);
  closers.push(loopback.close);
  return { loopback, predictor: createHttpPredictor({ httpClient: fromAxios(instance), modelName: "m", ...options }) };
}

testPredictor("V2 binary over axios", {
  datatypes: Object.keys(DATATYPES) as Datatype[],
  keepsDatatypes: true,
  hasMetadata: true,
  castsRows: true,
  open: async (datatype) => {
    const loopback = await startLoopback({ datatype });
    const httpClient = fromAxios(axios.create());
    const predictor = createHttpPredictor({ host: loopback.url, httpClient, protocol: "v2", modelName: "m" });
    return { predictor, close: () => loopback.close() };
  },
});

test("the instance's base URL and interceptors count", async () => {
  const { loopback, predictor } = await start((instance) => {
    instance.interceptors.request.use((config) => {
      config.headers.set("x-signed", "yes");
      return config;
    });
  });
  expect((await predictor.infer(rowsRequest([[1, 2]]))).predictions).toEqual([[1, 2]]);
  expect(loopback.seen[0]).toMatchObject({ path: "/v1/models/m:predict", headers: { "x-signed": "yes" } });
  expect(predictor.description).toBe(`v1 ${loopback.url}`);
});

test("bytes arrive as they were sent, though the instance transforms JSON", async () => {
  const { loopback, predictor } = await start(
    (instance) => {
      instance.defaults.transformRequest = [() => "replaced"];
      instance.defaults.transformResponse = [() => "replaced"];
    },
    { protocol: "v2", binary: "on" },
  );
  const tensor = sampleTensor("UINT8", [1, 3]);
  const response = await predictor.infer(tensorsRequest(tensor));
  expect(response.output("y", "UINT8").data).toEqual(tensor.data);
  expect(loopback.seen[0]?.headers["inference-header-content-length"]).toBeDefined();
});

test("bodies are not passed through unread, so that interceptors see every call", async () => {
  const { predictor } = await start();
  expect(predictor.forwarder).toBeUndefined();
});

const busy: LoopbackOptions = {
  intercept: (_seen, response) => {
    response.writeHead(429, { "retry-after": "7", "content-type": "application/json" }).end('{"error":"busy"}');
    return true;
  },
};

test("a status is a response, also where an interceptor rejects with it", async () => {
  const plain = await start(undefined, {}, busy);
  const rejecting = await start(
    (instance) => {
      instance.interceptors.response.use((response) => Promise.reject(Object.assign(new Error("no"), { response })));
    },
    {},
    busy,
  );
  for (const { predictor } of [plain, rejecting]) {
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ status: 429, message: "busy", headers: { "retry-after": "7" } });
  }
});

test("an InferenceError of an interceptor is thrown as it is; another error of its is not the predictor's", async () => {
  const own = new InferenceError("no token", { code: "unauthenticated" });
  const first = await start((instance) => void instance.interceptors.request.use(() => Promise.reject(own)));
  await expect(first.predictor.infer(rowsRequest([1]))).rejects.toBe(own);
  const bug = new TypeError("bug");
  const second = await start((instance) => void instance.interceptors.request.use(() => Promise.reject(bug)));
  await expect(second.predictor.infer(rowsRequest([1]))).rejects.toBe(bug);
});

test("a redirect is a 502 and is not followed", async () => {
  const { loopback, predictor } = await start(
    undefined,
    {},
    { intercept: (_seen, response) => response.writeHead(302, { location: "/elsewhere" }).end() !== undefined },
  );
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([1])))).toMatchObject({ status: 502 });
  expect(loopback.seen).toHaveLength(1);
});

test("a response beyond the limit is a 502 that names it", async () => {
  const { predictor } = await start(
    undefined,
    { maxResponseBytes: 100 },
    { intercept: (_seen, response) => response.end(" ".repeat(1000)) !== undefined },
  );
  const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
  expect(error).toMatchObject({ status: 502, message: expect.stringContaining("100 bytes (max_response_bytes)") });
});

describe("axios's own errors", () => {
  const SECRET = { headers: { authorization: "Bearer secret" } };

  async function errorFor(host: string, instance = axios.create(), options: Partial<HttpPredictorOptions> = {}) {
    const predictor = createHttpPredictor({ host, httpClient: fromAxios(instance), ...options });
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), SECRET));
    expect(error.message).not.toContain("127.0.0.1");
    expect(inspect(error.cause, { depth: 10, showHidden: true })).not.toContain("secret");
    return error;
  }

  test("refused is 503, and the log has the address but no header", async () => {
    const server = await startRawServer(() => undefined);
    await server.close();
    const error = await errorFor(server.url);
    expect(error).toMatchObject({ code: "unavailable", cause: { kind: "refused" } });
    expect(causesOf(error.cause)).toContain(`127.0.0.1:${server.port}`);
  });

  test("reset is 503", async () => {
    const server = await startRawServer((socket) => socket.resetAndDestroy());
    closers.push(server.close);
    expect(await errorFor(server.url)).toMatchObject({ code: "unavailable" });
  });

  test("the request's time and axios's own are 504", async () => {
    const server = await startRawServer(() => undefined);
    closers.push(server.close);
    expect(await errorFor(server.url, axios.create(), { requestTimeoutMs: 20 })).toMatchObject({ status: 504 });
    expect(await errorFor(server.url, axios.create({ timeout: 20 }))).toMatchObject({ status: 504 });
  });

  test("something that is not HTTP is 502", async () => {
    const server = await startRawServer((socket) => socket.end("SSH-2.0\r\n"));
    closers.push(server.close);
    expect(await errorFor(server.url)).toMatchObject({ status: 502 });
  });

  test("half a body is 502", async () => {
    const server = await startRawServer((socket) => socket.end(httpAnswer(200, { "content-length": "99" }, "{")));
    closers.push(server.close);
    expect(await errorFor(server.url)).toMatchObject({ status: 502 });
  });

  test("a client that leaves ends the call", async () => {
    const controller = new AbortController();
    const server = await startRawServer(() => controller.abort());
    closers.push(server.close);
    const predictor = createHttpPredictor({ host: server.url, httpClient: fromAxios(axios.create()) });
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: controller.signal }));
    expect(error.code).toBe("cancelled");
    await server.clientGone;
  });
});
