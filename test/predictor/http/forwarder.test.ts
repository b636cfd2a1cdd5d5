import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import type { Forwarder, Predictor } from "../../../src/predictor/predictor.ts";
import { createRecorder, forwardRows } from "../../policy/forward-recorder.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";
import { type Loopback, type LoopbackOptions, startLoopback } from "../loopback-predictor.ts";
import { inferenceErrorOf, rowsRequest, tensorsRequest } from "../requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  loopbackOptions: LoopbackOptions = {},
  options: Partial<HttpPredictorOptions> = {},
): Promise<{ readonly loopback: Loopback; readonly predictor: Predictor; readonly forwarder: Forwarder }> {
  const loopback = await startLoopback(loopbackOptions);
  const predictor = createHttpPredictor({ host: loopback.url, modelName: "m", ...options });
  closers.push(loopback.close, () => predictor.close());
  return { loopback, predictor, forwarder: predictor.forwarder as Forwarder };
}

const JSON_MESSAGE = { headers: { "content-type": "application/json" }, body: [] };
const BINARY_MESSAGE = { headers: { "inference-header-content-length": "10" }, body: [] };

test("bytes go through as they are, in both directions", async () => {
  const body = '{ "instances" : [[1.0, 2e0, 3]] , "own": null }';
  const answer = '{"predictions":  [1.50]}';
  const { loopback, predictor } = await start({
    intercept: (_seen, response) => {
      response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(answer);
      return true;
    },
  });
  const recorder = createRecorder();
  const message = { headers: { "content-type": "application/json; charset=UTF-8" }, body: [Buffer.from(body)] };
  forwardRows(predictor, recorder, { message });
  await recorder.ended;
  expect(loopback.seen[0]).toMatchObject({ method: "POST", path: "/v1/models/m:predict" });
  expect(loopback.seen[0]?.headers["content-type"]).toBe("application/json; charset=UTF-8");
  expect(loopback.seen[0]?.body.toString()).toBe(body);
  expect(recorder.text()).toBe(answer);
  expect(recorder.headers["content-type"]).toBe("application/json; charset=utf-8");
});

test.each([
  { what: "small", chunk: 100, length: "300" },
  { what: "large", chunk: 100_000, length: "300000" },
])("a body of several $what chunks arrives whole, with its length", async ({ chunk, length }) => {
  const { loopback, predictor } = await start({ intercept: (_seen, response) => response.end("{}") !== undefined });
  const recorder = createRecorder();
  const body = ["a", "b", "c"].map((letter) => Buffer.alloc(chunk, letter));
  forwardRows(predictor, recorder, { message: { headers: {}, body } });
  await recorder.ended;
  expect(loopback.seen[0]?.headers["content-length"]).toBe(length);
  expect(loopback.seen[0]?.body.equals(Buffer.concat(body))).toBe(true);
});

test("the chosen headers go to the predictor, and a content type where the client sent none", async () => {
  const { loopback, predictor } = await start();
  const recorder = createRecorder();
  const body = [Buffer.from('{"instances":[1]}')];
  forwardRows(predictor, recorder, { headers: { "x-request-id": "one" }, message: { headers: {}, body } });
  await recorder.ended;
  expect(loopback.seen[0]?.headers).toMatchObject({ "x-request-id": "one", "content-type": "application/json" });
});

test("headers of the connection end here, those that Connection names too", async () => {
  const { predictor } = await start({
    intercept: (_seen, response) => {
      response.writeHead(200, {
        connection: "keep-alive, x-secret-hop",
        "keep-alive": "timeout=5",
        "x-secret-hop": "1",
        "proxy-authenticate": "Basic",
        trailer: "x",
        "x-kept": ["a", "b"],
      });
      response.end("{}");
      return true;
    },
  });
  const recorder = createRecorder();
  forwardRows(predictor, recorder);
  await recorder.ended;
  const { date: _date, ...headers } = recorder.headers;
  expect(headers).toEqual({ "x-kept": ["a", "b"] });
});

test("a handler that asks for a pause gets no more until it resumes", async () => {
  const answer = Buffer.alloc(1_000_000, "x");
  const { predictor } = await start({ intercept: (_seen, response) => response.end(answer) !== undefined });
  let paused = 0;
  const recorder = createRecorder(() => {
    paused += 1;
    const events = recorder.events.length;
    setImmediate(() => {
      expect(recorder.events).toHaveLength(events);
      handle.resume();
    });
    return false;
  });
  const handle = forwardRows(predictor, recorder);
  await recorder.ended;
  expect(paused).toBeGreaterThan(1);
  expect(recorder.text()).toHaveLength(1_000_000);
  expect(recorder.events.at(-1)).toBe("end");
});

test("the client's own deadline counts when it is shorter", async () => {
  const { predictor } = await start({ intercept: () => true });
  const recorder = createRecorder();
  forwardRows(predictor, recorder, { timeoutMs: 20 });
  const error = await inferenceErrorOf(recorder.ended);
  expect(error).toMatchObject({ code: "deadline_exceeded", message: "no response within 20 ms" });
});

test("names, versions and verbs stand in the path, under the path of the URL", async () => {
  const { loopback, predictor } = await start();
  const inner = createHttpPredictor({ host: `${loopback.url}/inner/`, modelName: "m" });
  const v2 = createHttpPredictor({ host: loopback.url, protocol: "v2" });
  closers.push(
    () => inner.close(),
    () => v2.close(),
  );
  const send = async (target: Predictor, request: Parameters<typeof forwardRows>[2]) => {
    const recorder = createRecorder();
    forwardRows(target, recorder, request);
    await recorder.ended;
  };
  await send(predictor, { verb: "explain" });
  await send(predictor, { modelName: "a b/c", modelVersion: "2" });
  await send(inner, {});
  await send(v2, { modelVersion: "3" });
  expect(loopback.seen.map(({ path }) => path)).toEqual([
    "/v1/models/m:explain",
    "/v1/models/a%20b%2Fc/versions/2:predict",
    "/inner/v1/models/m:predict",
    "/v2/models/m/versions/3/infer",
  ]);
});

describe("bodies that may go unread", () => {
  test("are those of its own form without compression", async () => {
    const { forwarder } = await start({}, { protocol: "v1" });
    expect(forwarder.wire).toBe("v1");
    expect(forwarder.accepts(JSON_MESSAGE)).toBe(true);
    expect(forwarder.accepts({ headers: { "content-encoding": "gzip" }, body: [] })).toBe(false);
  });

  test.each([
    ["on", true],
    ["off", false],
    ["auto", false],
  ] as const)("with binary %s: binary is accepted: %s", async (binary, accepted) => {
    const { forwarder } = await start({}, { protocol: "v2", binary });
    expect(forwarder.accepts(JSON_MESSAGE)).toBe(true);
    expect(forwarder.accepts(BINARY_MESSAGE)).toBe(accepted);
  });

  test("include binary ones once the predictor has said that it reads them", async () => {
    const { forwarder, predictor } = await start({}, { protocol: "v2" });
    await predictor.infer(tensorsRequest(sampleTensor("FP32", [1, 3])));
    expect(forwarder.accepts(BINARY_MESSAGE)).toBe(true);
  });

  test("exclude all of V2 where the predictor has another name for the model, which its responses carry", async () => {
    const v1 = await start({}, { protocol: "v1", predictorModelName: "inner" });
    const v2 = await start({}, { protocol: "v2", predictorModelName: "inner" });
    expect(v1.forwarder.accepts(JSON_MESSAGE)).toBe(true);
    expect(v2.forwarder.accepts(JSON_MESSAGE)).toBe(false);
  });
});

test("a predictor's own model name stands in the path for the public one, and for no other", async () => {
  const { loopback, predictor } = await start(
    { intercept: (_seen, response) => response.end('{"predictions":[]}') !== undefined },
    { predictorModelName: "inner" },
  );
  await predictor.infer(rowsRequest([1]));
  await predictor.infer(rowsRequest([1], "other"));
  await predictor.ready();
  expect(predictor.modelName).toBe("inner");
  expect(loopback.seen.map(({ path }) => path)).toEqual([
    "/v1/models/inner:predict",
    "/v1/models/other:predict",
    "/v1/models/inner",
  ]);
});
