import { readFileSync } from "node:fs";
import { createApp, createTensor, type GuardedFetch } from "kserve-transformer";
import { createOnnxPredictor } from "kserve-transformer/predictor";
import { testTransformer } from "kserve-transformer/testing";
import supertest from "supertest";
import ClothingTransformer from "./clothing.ts";

const picture = (label: string) => readFileSync(new URL(`drawings/${label}.jpg`, import.meta.url));
const modelPath = new URL("clothing.onnx", import.meta.url).pathname;

test("a picture becomes probabilities by label", async () => {
  const logits = createTensor("logits", "FP32", [1, 10], new Float32Array([0, 0, 0, 0, 9, 0, 0, 0, 0, 0]));
  const files = { "https://example.com/pants.jpg": picture("pants") };
  const clothing = testTransformer(ClothingTransformer, { predictor: { outputs: [logits] }, files });
  const { predictions } = await clothing.predict({ instances: [{ url: "https://example.com/pants.jpg" }] });
  expect(predictions).toEqual([expect.objectContaining({ pants: expect.closeTo(0.998, 2) })]);
  expect(clothing.sent[0]?.input("image", "FP32").shape).toEqual([1, 192, 192, 3]);
  await clothing.close();
});

test("a row without a picture is a 400 that names it", async () => {
  const clothing = testTransformer(ClothingTransformer, { predictor: { predictions: [] } });
  const answer = await clothing.predict({ instances: [{ link: "https://example.com/pants.jpg" }] });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ error: expect.stringContaining("instances[0]") });
  await clothing.close();
});

describe("with the trained model, over HTTP", () => {
  const fetch: GuardedFetch = async (url) => {
    const body = picture(url.replace("https://example.com/", "").replace(".jpg", ""));
    return { url, status: 200, contentType: "image/jpeg", body };
  };
  const app = createApp(ClothingTransformer, {
    modelName: "clothing",
    predictor: createOnnxPredictor({ path: modelPath }),
    fetch,
  });
  afterAll(() => app.close());

  test.each(["dress", "hat", "shoes", "t-shirt"])("a drawn %s is one", async (label) => {
    const response = await supertest(app)
      .post("/v1/models/clothing:predict")
      .send({ instances: [{ url: `https://example.com/${label}.jpg` }] })
      .expect(200);
    const [scores] = response.body.predictions as Record<string, number>[];
    const [top] = Object.entries(scores ?? {}).sort(([, a], [, b]) => b - a);
    expect(top?.[0]).toBe(label);
  });

  test("the README shows what the demo prints", async () => {
    const response = await supertest(app)
      .post("/v1/models/clothing:predict")
      .send({ instances: [{ url: "https://example.com/pants.jpg" }] })
      .expect(200);
    const score = (response.body.predictions as Record<string, number>[])[0]?.["pants"] ?? 0;
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, bar, percent] = /pants {6}(█+) +([\d.]+) %/.exec(readme) ?? [];
    expect([bar?.length, percent]).toEqual([Math.round(score * 40), (score * 100).toFixed(1)]);
  });
});
