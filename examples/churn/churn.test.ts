import { readFileSync } from "node:fs";
import { createApp, type JsonObject } from "kserve-transformer";
import { createOnnxPredictor } from "kserve-transformer/predictor";
import { testTransformer } from "kserve-transformer/testing";
import supertest from "supertest";
import ChurnTransformer from "./churn.ts";

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const customers: JsonObject[] = read("customers.json");
const expected: { vectors: number[][]; predict_proba: [number, number][] } = read("expected.json");

test("customers become the vectors that the model was trained on", async () => {
  const churn = testTransformer(ChurnTransformer, { predictor: { predictions: expected.predict_proba } });
  const { predictions } = await churn.predict({ instances: customers });
  expect(churn.sent[0]?.instances).toEqual(expected.vectors);
  expect(predictions[0]).toEqual({ churn_probability: expected.predict_proba[0]?.[1], churn: false });
  await churn.close();
});

test("a customer with a field of the wrong type is a 400 that names it", async () => {
  const churn = testTransformer(ChurnTransformer, { predictor: { predictions: [] } });
  const answer = await churn.predict({ instances: [customers[0] ?? {}, { ...customers[1], tenure: "a year" }] });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ error: 'instances[1].tenure: expected a number, got the string "a year"' });
  await churn.close();
});

test("a server that answers classes alone is told what to set", async () => {
  const churn = testTransformer(ChurnTransformer, { predictor: { predictions: [true] } });
  const answer = await churn.predict({ instances: customers.slice(0, 1) });
  expect(answer.json).toMatchObject({ error: "set PREDICT_PROBA=true on the predictor" });
  await churn.close();
});

describe("with the trained model, over HTTP", () => {
  const predictor = createOnnxPredictor({ path: new URL("model.onnx", import.meta.url).pathname });
  const app = createApp(ChurnTransformer, { modelName: "churn", predictor });
  afterAll(() => app.close());

  test("probabilities are Python's, as far as the model's 32-bit floats go", async () => {
    const response = await supertest(app).post("/v1/models/churn:predict").send({ instances: customers }).expect(200);
    const predictions = response.body.predictions as { churn_probability: number; churn: boolean }[];
    expect(predictions).toHaveLength(20);
    predictions.forEach(({ churn_probability, churn }, row) => {
      const [, yes] = expected.predict_proba[row] as [number, number];
      expect(Math.abs(churn_probability - yes)).toBeLessThan(1e-6);
      expect(churn).toBe(yes >= 0.5);
    });
  });
});
