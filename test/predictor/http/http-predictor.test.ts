import type { ServerResponse } from "node:http";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { selectCodec } from "../../../src/protocol/select-codec.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";
import { type LoopbackOptions, type SeenRequest, startLoopback } from "../loopback-predictor.ts";
import { inferenceErrorOf, rowsRequest, tensorsRequest } from "../requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Partial<HttpPredictorOptions>, loopbackOptions: LoopbackOptions = {}) {
  const loopback = await startLoopback(loopbackOptions);
  const predictor = createHttpPredictor({ host: loopback.url, modelName: "m", ...options });
  closers.push(loopback.close, () => predictor.close());
  const paths = () => loopback.seen.map(({ method, path }) => `${method} ${path}`);
  return { loopback, predictor, paths };
}

const answerJson = (response: ServerResponse, status: number, value: unknown): true => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  return true;
};

const TENSOR = sampleTensor("FP32", [2, 3]);
const isBinary = ({ headers }: SeenRequest) => headers["inference-header-content-length"] !== undefined;

describe("binary tensors", () => {
  test.each([
    { binary: "on", extensions: [], expected: true },
    { binary: "off", extensions: ["binary_tensor_data"], expected: false },
    { binary: "auto", extensions: ["classification", "binary_tensor_data"], expected: true },
    { binary: "auto", extensions: ["classification"], expected: false },
  ] as const)("$binary with extensions $extensions: $expected", async ({ binary, extensions, expected }) => {
    const { loopback, predictor } = await start({ protocol: "v2", binary }, { extensions });
    const response = await predictor.infer(tensorsRequest(TENSOR));
    expect(response.output("y", "FP32").data).toEqual(TENSOR.data);
    expect(loopback.seen.filter(({ method }) => method === "POST").map(isBinary)).toEqual([expected]);
  });

  test("are asked about once, by whoever comes first", async () => {
    const { predictor, paths } = await start({ protocol: "v2" });
    await Promise.all([predictor.infer(tensorsRequest(TENSOR)), predictor.infer(tensorsRequest(TENSOR))]);
    await predictor.infer(tensorsRequest(TENSOR));
    expect(paths().filter((path) => path === "GET /v2")).toHaveLength(1);
  });

  test("are not sent to a predictor without server metadata, and its calls go through", async () => {
    const { loopback, predictor } = await start(
      { protocol: "v2" },
      { intercept: ({ path }, response) => path === "/v2" && answerJson(response, 404, {}) },
    );
    await predictor.infer(tensorsRequest(TENSOR));
    expect(loopback.seen.some(isBinary)).toBe(false);
  });
});

describe("metadata", () => {
  test("is fetched once for all rows, and not at all for tensors", async () => {
    const { predictor, paths } = await start({ protocol: "v2", binary: "off" });
    await predictor.infer(tensorsRequest(TENSOR));
    expect(paths()).not.toContain("GET /v2/models/m");
    await Promise.all([predictor.infer(rowsRequest([[1, 2, 3]])), predictor.infer(rowsRequest([[1, 2, 3]]))]);
    await predictor.infer(rowsRequest([[1, 2, 3]]));
    await predictor.metadata();
    expect(paths().filter((path) => path === "GET /v2/models/m")).toHaveLength(1);
  });

  test("is that of the model which is asked about", async () => {
    const { predictor, paths } = await start({ protocol: "v2" });
    await predictor.metadata({ modelName: "other" });
    expect(paths()).toEqual(["GET /v2/models/other"]);
  });

  test("is done without where the predictor has none", async () => {
    const { loopback, predictor } = await start(
      { protocol: "v2", binary: "off" },
      { intercept: ({ path }, response) => path === "/v2/models/m" && answerJson(response, 404, {}) },
    );
    expect(await predictor.metadata()).toBeUndefined();
    await predictor.infer(rowsRequest([[1, 2, 3]]));
    const sent = JSON.parse(String(loopback.seen.at(-1)?.body));
    expect(sent.inputs[0]).toMatchObject({ name: "input-0", datatype: "FP64" });
  });

  test("of a predictor in trouble is its error, and asked for again", async () => {
    let troubled = true;
    const { predictor } = await start(
      { protocol: "v2" },
      {
        intercept: ({ path }, response) =>
          troubled && path === "/v2/models/m" && answerJson(response, 503, { error: "loading" }),
      },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]])));
    expect(error).toMatchObject({ status: 503, message: "loading" });
    troubled = false;
    expect(await predictor.metadata()).toMatchObject({ name: "m" });
  });

  test.each([
    {
      what: "null members (KServe)",
      json: { name: "m", versions: null, platform: "", inputs: null },
      expected: { name: "m", inputs: [], outputs: [] },
    },
    {
      what: "sizes as text",
      json: { name: "m", inputs: [{ name: "x", datatype: "FP32", shape: ["-1", "3"] }] },
      expected: { inputs: [{ name: "x", datatype: "FP32", shape: [-1, 3] }] },
    },
    {
      what: "an unknown datatype",
      json: { name: "m", inputs: [{ name: "x", datatype: "FLOAT", shape: [1] }] },
      expected: undefined,
    },
    { what: "no name", json: { inputs: [] }, expected: undefined },
    { what: "no object", json: [], expected: undefined },
  ])("with $what is read as far as it says something", async ({ json, expected }) => {
    const { predictor } = await start(
      { protocol: "v2" },
      { intercept: (_seen, response) => answerJson(response, 200, json) },
    );
    const metadata = await predictor.metadata();
    if (expected === undefined) expect(metadata).toBeUndefined();
    else expect(metadata).toMatchObject(expected);
  });
});

describe("readiness", () => {
  test.each([
    { protocol: "v1", status: 200, body: '{"name":"m","ready":true}', ready: true },
    { protocol: "v1", status: 200, body: '{"name":"m","ready":"True"}', ready: true },
    { protocol: "v1", status: 200, body: '{"name":"m","ready":false}', ready: false },
    {
      protocol: "v1",
      status: 200,
      body: '{"model_version_status":[{"version":"1","state":"AVAILABLE"}]}',
      ready: true,
    },
    { protocol: "v1", status: 200, body: '{"model_version_status":[{"version":"1","state":"LOADING"}]}', ready: false },
    { protocol: "v1", status: 503, body: '{"name":"m","ready":false}', ready: false },
    { protocol: "v1", status: 404, body: "", ready: false },
    { protocol: "v2", status: 200, body: "", ready: true },
    { protocol: "v2", status: 200, body: '{"name":"m","ready":true}', ready: true },
    { protocol: "v2", status: 400, body: '{"error":"Model version not ready"}', ready: false },
    { protocol: "v2", status: 302, body: "", ready: false },
  ] as const)("of $protocol $status '$body' is $ready", async ({ protocol, status, body, ready }) => {
    const { loopback, predictor } = await start(
      { protocol },
      { intercept: (_seen, response) => response.writeHead(status).end(body) !== undefined },
    );
    expect(await predictor.ready()).toBe(ready);
    expect(loopback.seen[0]?.path).toBe(protocol === "v1" ? "/v1/models/m" : "/v2/models/m/ready");
  });

  test("is asked anew each time", async () => {
    let status = 503;
    const { predictor } = await start(
      {},
      { intercept: (_seen, response) => response.writeHead(status).end() !== undefined },
    );
    expect(await predictor.ready()).toBe(false);
    status = 200;
    expect(await predictor.ready()).toBe(true);
  });

  test("does not wait longer than for health", async () => {
    const { predictor } = await start({ healthTimeoutMs: 20 }, { intercept: () => true });
    expect(await predictor.ready()).toBe(false);
  });

  test("is false when nobody is there", async () => {
    const { loopback, predictor } = await start({});
    await loopback.close();
    closers.shift();
    expect(await predictor.ready()).toBe(false);
  });
});

describe("requests", () => {
  test.each([0, 1])("are refused once it is closed, after %d of them", async (before) => {
    const { loopback, predictor } = await start({});
    for (let i = 0; i < before; i++) await predictor.infer(rowsRequest([[1]]));
    await predictor.close();
    expect(await inferenceErrorOf(predictor.infer(rowsRequest([[1]])))).toMatchObject({ status: 503 });
    expect(loopback.seen).toHaveLength(before);
  });

  test("carry the given headers; those of the body cannot be replaced", async () => {
    const { loopback, predictor } = await start({});
    const headers = { "x-request-id": "one", "content-type": "text/plain" };
    await predictor.infer(rowsRequest([[1]]), { headers });
    expect(loopback.seen[0]?.headers).toMatchObject({ "x-request-id": "one", "content-type": "application/json" });
  });

  test("to explain go to V1's explain; V2 has none", async () => {
    const v1 = await start({ protocol: "v1" });
    await v1.predictor.infer(rowsRequest([[1]]), { verb: "explain" });
    expect(v1.paths()).toEqual(["POST /v1/models/m:explain"]);
    const v2 = await start({ protocol: "v2" });
    const error = await inferenceErrorOf(v2.predictor.infer(rowsRequest([[1]]), { verb: "explain" }));
    expect(error).toMatchObject({ code: "unimplemented", status: 501 });
  });

  test("to V1 are laid out as the option says", async () => {
    const { loopback, predictor } = await start({ v1Form: "columns" });
    await inferenceErrorOf(predictor.infer(tensorsRequest(TENSOR)).then(({ predictions }) => predictions)).catch(
      () => undefined,
    );
    expect(Object.keys(JSON.parse(String(loopback.seen[0]?.body)))).toEqual(["inputs"]);
  });

  test("carry the client's requested outputs only where the pipeline says so", async () => {
    const { loopback, predictor } = await start({ protocol: "v2", binary: "off" });
    const codec = selectCodec("v2");
    const body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{"name":"y"}]}';
    const decode = () =>
      codec.decodeRequest({ headers: {}, body: [Buffer.from(body)] }, { modelName: "m", limits: DEFAULT_LIMITS });
    await predictor.infer(decode());
    await predictor.infer(decode(), { forwardRequestedOutputs: true });
    const outputs = loopback.seen.map((seen) => JSON.parse(String(seen.body)).outputs);
    expect(outputs).toEqual([undefined, [{ name: "y" }]]);
  });

  test("of 64-bit integers beyond 2^53 keep every digit over V2 JSON", async () => {
    const { predictor } = await start({ protocol: "v2", binary: "off" }, { datatype: "INT64" });
    const data = BigInt64Array.of(9007199254740993n, -1n, 0n);
    const response = await predictor.infer(tensorsRequest(createTensor("x", "INT64", [1, 3], data)));
    expect(response.output("y", "INT64").data).toEqual(data);
  });
});

describe("connections", () => {
  test("are kept for the next request", async () => {
    const ports = new Set<number>();
    const intercept: LoopbackOptions["intercept"] = (_seen, response) => {
      ports.add(response.socket?.remotePort ?? 0);
      response.end('{"predictions":[1]}');
      return true;
    };
    const kept = await start({ connections: 1 }, { intercept });
    for (let i = 0; i < 5; i++) await kept.predictor.infer(rowsRequest([1]));
    expect(ports.size).toBe(1);
  });

  test("are replaced when they are old, without harm to calls in flight", async () => {
    const ports = new Set<number>();
    const { predictor } = await start(
      { refreshIntervalMs: 10 },
      {
        intercept: (_seen, response) => {
          ports.add(response.socket?.remotePort ?? 0);
          setTimeout(() => response.end('{"predictions":[1]}'), 15);
          return true;
        },
      },
    );
    while (ports.size < 3) expect((await predictor.infer(rowsRequest([1]))).predictions).toEqual([1]);
  });

  test("are no more than the option says, and calls wait for them", async () => {
    const held: ServerResponse[] = [];
    let most = 0;
    const { predictor } = await start(
      { connections: 2 },
      {
        intercept: (_seen, response) => {
          if (held.push(response) < 2) return true;
          setImmediate(() => {
            most = Math.max(most, held.length);
            for (const waiting of held.splice(0)) waiting.end('{"predictions":[1]}');
          });
          return true;
        },
      },
    );
    await Promise.all(Array.from({ length: 10 }, () => predictor.infer(rowsRequest([1]))));
    expect(most).toBe(2);
  });
});
