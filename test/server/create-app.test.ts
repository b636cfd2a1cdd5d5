import express from "express";
import supertest from "supertest";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createApp } from "../../src/server/create-app.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });

class Sum extends Transformer {
  closed = false;
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances.map((row) => (row as number[]).reduce((a, b) => a + b, 0)) });
  }
  override close(): void {
    this.closed = true;
  }
}

describe("createApp", () => {
  test("is tested with supertest, without a port of its own", async () => {
    const app = createApp(Sum, { modelName: "sum", log });
    const response = await supertest(app)
      .post("/v1/models/sum:predict")
      .send({ instances: [[1, 2]] });
    expect([response.status, response.body]).toEqual([200, { predictions: [3] }]);
    await app.close();
  });

  test.each([
    ["nothing", undefined],
    ["JSON", express.json()],
    ["raw bytes", express.raw({ type: () => true })],
    ["text", express.text({ type: () => true })],
  ])("is mounted in another server that parses %s before", async (_, parser) => {
    const app = createApp(Sum, { modelName: "sum", log });
    const outer = express();
    if (parser !== undefined) outer.use(parser);
    outer.use("/models-here", app);
    outer.get("/other", (_request, response) => {
      response.send("theirs");
    });
    const response = await supertest(outer)
      .post("/models-here/v1/models/sum:predict")
      .send({ instances: [[1, 2]] });
    expect([response.status, response.body]).toEqual([200, { predictions: [3] }]);
    expect((await supertest(outer).get("/other")).text).toBe("theirs");
    await app.close();
  });

  test("close() ends the transformer", async () => {
    const transformer = new Sum();
    const app = createApp(transformer, { log });
    await app.ready();
    await app.close();
    expect(transformer.closed).toBe(true);
  });
});
