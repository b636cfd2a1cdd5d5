import type { Logger } from "../../src/inference/request-context.ts";
import { type CreatePredictorOptions, createPredictor } from "../../src/predictor/create-predictor.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import { type Loopback, type LoopbackOptions, startLoopback } from "./loopback-predictor.ts";
import { startRawServer } from "./raw-server.ts";
import { inferenceErrorOf, rowsRequest } from "./requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const lines: string[] = [];
beforeEach(() => lines.splice(0));
const keep = (_details: object, message?: string) => lines.push(message ?? "");
const log = { info: keep, warn: keep } as unknown as Logger;

async function start(
  options: LoopbackOptions = {},
  own: CreatePredictorOptions = {},
): Promise<{ readonly loopback: Loopback; readonly predictor: Predictor }> {
  const loopback = await startLoopback(options);
  const predictor = await createPredictor(loopback.url, { ...own, protocol: "auto", modelName: "m", log });
  closers.push(loopback.close, () => predictor.close());
  return { loopback, predictor };
}

/** A server that has only the pages whose path begins so; others are a 404. */
const only = (prefix: string): LoopbackOptions => ({
  intercept: ({ path }, response) => !path.startsWith(prefix) && response.writeHead(404).end() !== undefined,
});

test("a predictor with V2's server metadata speaks V2, which is found out once and said once", async () => {
  const { loopback, predictor } = await start();
  expect(predictor.description).toBe(`auto ${loopback.url}`);
  expect(predictor.forwarder).toBeUndefined();
  await Promise.all([predictor.infer(rowsRequest([[1, 2, 3]])), predictor.infer(rowsRequest([[1, 2, 3]]))]);
  expect(await predictor.ready()).toBe(true);
  expect(predictor.description).toBe(`v2 ${loopback.url}`);
  expect(predictor.forwarder?.wire).toBe("v2");
  expect(await predictor.metadata()).toMatchObject({ inputs: [{ name: "x" }] });
  expect(lines).toEqual(["the predictor speaks v2"]);
});

test("a predictor without it, whose model is ready by V2, speaks V2", async () => {
  const { predictor } = await start(only("/v2/"));
  await predictor.infer(rowsRequest([[1, 2, 3]]));
  expect(lines).toEqual(["the predictor speaks v2"]);
});

test("a predictor that knows no page of V2 speaks V1", async () => {
  const { predictor } = await start(only("/v1/"));
  expect((await predictor.infer(rowsRequest([[1, 2, 3]]))).predictions).toEqual([[1, 2, 3]]);
  expect(lines).toEqual(["the predictor speaks v1"]);
});

test.each([
  ["/v1/", { binary: "on", v1Form: "rows" }, "binary 'on' has no effect: the predictor speaks v1"],
  ["/v2/", { binary: "on", v1Form: "rows" }, "v1Form 'rows' has no effect: the predictor speaks v2"],
] as const)("a form that the predictor of %s does not know is said", async (prefix, own, line) => {
  const { predictor } = await start(only(prefix), own);
  await predictor.infer(rowsRequest([[1, 2, 3]]));
  expect(lines.slice(1)).toEqual([line]);
});

test("a server that answers every path with a page of its own is no V2 server by its metadata", async () => {
  const { predictor } = await start({
    intercept: ({ path }, response) => {
      if (path.startsWith("/v1/")) return false;
      response.writeHead(path === "/v2" ? 200 : 404).end("<h1>welcome</h1>");
      return true;
    },
  });
  await predictor.infer(rowsRequest([[1]]));
  expect(lines).toEqual(["the predictor speaks v1"]);
});

test.each([
  [503, "unavailable", 503],
  [500, "bad_gateway", 502],
  [401, "bad_gateway", 502],
])("a %s says nothing about the protocol: the call is %s, and the next one asks again", async (status, code, own) => {
  let troubled = true;
  const { predictor } = await start({
    intercept: ({ path }, response) => troubled && path === "/v2" && response.writeHead(status).end() !== undefined,
  });
  const error = await inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]])));
  expect(error).toMatchObject({ code, status: own, message: expect.stringContaining(String(status)) });
  expect(await predictor.ready()).toBe(false);
  troubled = false;
  expect(await predictor.ready()).toBe(true);
});

test("a predictor that is not there is unavailable, and found when it comes", async () => {
  const { loopback, predictor } = await start();
  await loopback.close();
  closers.shift();
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([[1]])))).toMatchObject({ code: "unavailable" });
  expect(lines).toEqual([]);
});

test("what answers no HTTP/1.1 is taken for gRPC", async () => {
  // The first frame of an HTTP/2 server: SETTINGS.
  const server = await startRawServer((socket) => socket.write(Buffer.from("000000040000000000", "hex")));
  closers.push(server.close);
  const predictor = await createPredictor(server.url, {
    protocol: "auto",
    modelName: "m",
    log,
    connectTimeoutMs: 50,
    requestTimeoutMs: 50,
    healthTimeoutMs: 1000,
  });
  closers.push(() => predictor.close());
  await inferenceErrorOf(predictor.infer(rowsRequest([[1]])));
  expect(lines).toEqual(["the predictor speaks grpc-v2"]);
});

test("an own name of the model is asked about, and known from the start", async () => {
  const loopback = await startLoopback(only("/v2/models/inner"));
  const predictor = await createPredictor(loopback.url, { protocol: "auto", predictorModelName: "inner", log });
  closers.push(loopback.close, () => predictor.close());
  expect(predictor.modelName).toBe("inner");
  await predictor.ready();
  expect(loopback.seen.map(({ path }) => path)).toContain("/v2/models/inner/ready");
});
