import { createApp, createTensor, type InferRequest, type InferResponse, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createPlayground, type PlaygroundOptions } from "kserve-transformer/playground";
import { createFunctionPredictor } from "kserve-transformer/predictor";
import supertest from "supertest";
import { z } from "zod";
import type { RunTrace, TensorTrace } from "../../src/playground/trace.ts";

const row = z.object({ text: z.string(), age: z.number().int().min(0) });

class Scorer extends Transformer {
  static readonly examples = { adult: { text: "a", age: 41 }, word: "hello" };
  override readonly rowSchema = row;
  override readonly featureNames = ["length", "age"];

  override preprocess(request: InferRequest): InferRequest {
    const rows = request.rows(row);
    const data = Float32Array.from(rows.flatMap(({ text, age }) => [text.length, age]));
    if (rows[0]?.text === "boom") throw new TypeError("the scaler is not there");
    return request.withInputs([createTensor("x", "FP32", [rows.length, 2], data)]);
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions.map((score) => ({ score })));
  }
}

const predictor = createFunctionPredictor(async (request: InferRequest) => {
  const { data, shape } = request.input("x", "FP32");
  const sums = Array.from({ length: shape[0] ?? 0 }, (_, index) => (data[2 * index] ?? 0) + (data[2 * index + 1] ?? 0));
  return { outputs: [createTensor("score", "FP32", [sums.length], Float32Array.from(sums))] };
});

const log = createLogger({ level: "silent" });
const apps: ReturnType<typeof createApp>[] = [];
afterAll(() => Promise.all(apps.map((app) => app.close())));

function start(options: PlaygroundOptions | undefined = {}, more: Parameters<typeof createApp>[1] = {}) {
  const app = createApp(Scorer, {
    modelName: "scorer",
    predictor,
    log,
    playground: createPlayground(options),
    ...more,
  });
  apps.push(app);
  return supertest(app);
}

const run = (agent: ReturnType<typeof start>, protocol: string, rows: unknown[]) =>
  agent.post("/playground/runs").send({ model: "scorer", protocol, body: JSON.stringify({ instances: rows }) });

test("a run shows what each hook made", async () => {
  const { body } = await run(start(), "v1", [{ text: "four", age: 41 }]).expect(200);
  expect(JSON.parse(Buffer.from(body.response.base64, "base64").toString())).toEqual({ predictions: [{ score: 45 }] });
  const trace = body.trace as RunTrace;
  expect(trace.stages.map(({ name }) => name)).toEqual(["preprocess", "predict", "postprocess", "encode"]);
  expect(trace.received?.rows).toEqual({ count: 1, shown: [{ text: "four", age: 41 }] });
  const [x] = (trace.preprocess?.tensors ?? []) as readonly TensorTrace[];
  expect(x).toMatchObject({
    name: "x",
    datatype: "FP32",
    shape: [1, 2],
    statistics: { min: 4, max: 41, mean: 22.5, nan: 0 },
  });
  expect(new Float32Array(new Uint8Array(Buffer.from(x?.data ?? "", "base64")).buffer)).toEqual(Float32Array.of(4, 41));
  expect(trace.predict?.rows).toEqual({ count: 1, shown: [45] });
  expect(trace.postprocess?.rows).toEqual({ count: 1, shown: [{ score: 45 }] });
});

test.each(["v1", "v2", "v2-binary", "grpc"])("%s gives the same answer from the same rows", async (protocol) => {
  const { body } = await run(start(), protocol, [{ text: "four", age: 41 }]).expect(200);
  expect(body).toMatchObject({ protocol, status: 200 });
  expect(body.trace.postprocess.rows.shown).toEqual([{ score: 45 }]);
  const text = Buffer.from(body.request.base64, "base64").toString("latin1");
  expect(text.startsWith("{")).toBe(protocol !== "grpc");
});

test("requests of other clients are in the list, and are found by their id", async () => {
  const agent = start();
  await agent
    .post("/v1/models/scorer:predict")
    .set("x-request-id", "mine")
    .send({ instances: [{ text: "a", age: 1 }] });
  const { body } = await agent.get("/playground/runs").expect(200);
  expect(body.runs).toEqual([expect.objectContaining({ id: "mine", status: 200, protocol: "v1" })]);
  await agent.get("/playground/runs/mine").expect(200);
  await agent.get("/playground/runs/other").expect(404);
});

test("the store forgets the oldest runs", async () => {
  const app = createApp(Scorer, { modelName: "scorer", predictor, log, playground: createPlayground({ maxRuns: 2 }) });
  apps.push(app);
  const agent = supertest(app);
  for (const id of ["a", "b", "c"]) {
    await agent
      .post("/v1/models/scorer:predict")
      .set("x-request-id", id)
      .send({ instances: [{ text: "a", age: 1 }] });
  }
  const { body } = await agent.get("/playground/runs");
  expect(body.runs.map(({ id }: { id: string }) => id)).toEqual(["c", "b"]);
});

test("bodies that are too many bytes together push older runs out", async () => {
  const agent = start({ maxBytes: 300 });
  for (const id of ["a", "b", "c"]) {
    const text = "x".repeat(200);
    await agent
      .post("/v1/models/scorer:predict")
      .set("x-request-id", id)
      .send({ instances: [{ text, age: 1 }] });
  }
  const { body } = await agent.get("/playground/runs");
  expect(body.runs.map(({ id }: { id: string }) => id)).toEqual(["c"]);
});

test("a hook's failure comes with its code in development, and without it elsewhere", async () => {
  const development = await run(start({ sources: true }), "v1", [{ text: "boom", age: 1 }]).expect(200);
  expect(development.body.status).toBe(500);
  const { error } = development.body.trace as RunTrace;
  expect(error?.thrown?.summary).toBe("TypeError: the scaler is not there");
  expect(error?.thrown?.frames[0]?.file).toMatch(/playground\.test\.ts$/);
  expect(error?.thrown?.code?.lines.join("\n")).toContain("the scaler is not there");
  const elsewhere = await run(start(), "v1", [{ text: "boom", age: 1 }]);
  expect(elsewhere.body.trace.error).toEqual({ code: "internal", message: "internal error", status: 500 });
});

test("the form is made from the declaration", async () => {
  const { body } = await start().get("/playground/models").expect(200);
  expect(body.models).toEqual([
    expect.objectContaining({
      name: "scorer",
      transformer: "Scorer",
      hooks: ["preprocess", "postprocess"],
      featureNames: ["length", "age"],
      rowSchema: expect.objectContaining({ required: ["text", "age"] }),
      examples: [expect.objectContaining({ name: "adult", kind: "json" }), expect.objectContaining({ kind: "text" })],
    }),
  ]);
  await start().get("/playground/examples/scorer/0").expect(200, { text: "a", age: 41 });
  await start().get("/playground/examples/scorer/7").expect(404);
});

describe("with credentials", () => {
  const secured = () => start({}, { authentication: { apiKeys: ["secret"] } });

  test.each(["models", "runs", "runs/any", "examples/scorer/0"])("GET %s needs the key", async (path) => {
    await secured().get(`/playground/${path}`).expect(401);
  });

  test("so do runs, and the key goes along with the request that they send", async () => {
    const agent = secured();
    await run(agent, "v1", [{ text: "a", age: 1 }]).expect(401);
    for (const protocol of ["v1", "grpc"]) {
      const { body } = await run(agent, protocol, [{ text: "a", age: 1 }])
        .set("x-api-key", "secret")
        .expect(200);
      expect(body.status).toBe(200);
    }
  });

  test("the page itself opens, to ask for it", async () => {
    await secured().get("/playground/").expect(200).expect("content-type", /html/);
  });
});

test("the page is strict about what it loads, and stays below its folder", async () => {
  const { headers, text } = await start().get("/playground/").expect(200);
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(text).not.toMatch(/https?:\/\//);
  await start().get("/playground/..%2fsrc%2findex.js").expect(404);
  await start().get("/playground/assets/..%2f..%2fsrc%2findex.js").expect(404);
});

test("browsers are sent there from /, others still get JSON", async () => {
  await start().get("/").set("accept", "text/html,*/*").expect(302).expect("location", "playground/");
  await start().get("/").expect(200).expect("content-type", /json/);
});

test("without the option there is no page, and nothing listens", async () => {
  const app = createApp(Scorer, { modelName: "scorer", predictor });
  apps.push(app);
  await supertest(app).get("/playground/").expect(404);
  await supertest(app).get("/").set("accept", "text/html").expect(200).expect("content-type", /json/);
});
