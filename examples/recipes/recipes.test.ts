import { readdirSync, readFileSync } from "node:fs";
import { InferenceError } from "kserve-transformer";
import { createFunctionPredictor } from "kserve-transformer/predictor";
import { testTransformer } from "kserve-transformer/testing";
import { register } from "prom-client";
import Quota from "./custom-error.ts";
import { Enrich } from "./enrich.ts";
import Fallback from "./fallback.ts";
import FeastLookup from "./feast.ts";
import Suppression from "./nms.ts";
import Counted from "./own-metric.ts";
import { RedisCache } from "./redis-cache.ts";
import Boxes from "./remember-sizes.ts";
import { Ensemble } from "./several-predictors.ts";
import Tokens from "./tokenizer.ts";
import WarmUp from "./warm-up.ts";

const encode = (value: object) => new TextEncoder().encode(JSON.stringify(value));

test("each recipe has at most 30 lines and stands on the page", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => !name.endsWith(".test.ts"));
  const page = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");
  expect(files).toHaveLength(11);
  for (const file of files) {
    const lines = readFileSync(new URL(file, import.meta.url), "utf8")
      .trimEnd()
      .split("\n");
    expect([file, lines.length <= 30, page.includes(`recipes/${file})`)]).toEqual([file, true, true]);
  }
});

test("Feast: ids become features", async () => {
  const results = [{ values: [7, 8] }, { values: [4.5, 3] }, { values: [10, 20] }];
  const files = { "http://feast.shop:6566/get-online-features": encode({ results }) };
  const tested = testTransformer(FeastLookup, { predictor: { predictions: [1, 2] }, files });
  expect((await tested.predict({ instances: [{ driver_id: 7 }, { driver_id: 8 }] })).status).toBe(200);
  expect(tested.sent[0]?.instances).toEqual([
    [4.5, 10],
    [3, 20],
  ]);
});

test("Redis: an equal request is not asked twice", async () => {
  const kept = new Map<string, string>();
  const cache = {
    get: async (key: string) => kept.get(key) ?? null,
    set: async (key: string, value: string) => kept.set(key, value),
  };
  const tested = testTransformer(new RedisCache(cache), { predictor: { predictions: [3] } });
  for (let i = 0; i < 2; i++) expect((await tested.predict({ instances: [1] })).predictions).toEqual([3]);
  expect(tested.sent).toHaveLength(1);
});

test("tokenizer: texts become padded tokens", async () => {
  const tested = testTransformer(Tokens, { predictor: { predictions: [1, 1] } });
  expect((await tested.predict({ instances: [{ text: "good" }, { text: "a good day" }] })).status).toBe(200);
  const [ids, mask] = tested.sent[0]?.inputs ?? [];
  expect([ids?.name, mask?.name, ids?.shape[0]]).toEqual(["input_ids", "attention_mask", 2]);
});

test("several predictors: the mean of two", async () => {
  const second = createFunctionPredictor(() => ({ predictions: [0.5, 1] }));
  const tested = testTransformer(new Ensemble(second), { predictor: { predictions: [0, 0.5] } });
  expect((await tested.predict({ instances: [1, 2] })).predictions).toEqual([0.25, 0.75]);
});

test("fallback: only for a predictor that is away", async () => {
  const fail = (code: "unavailable" | "bad_gateway") => () => Promise.reject(new InferenceError("no", { code }));
  const away = await testTransformer(Fallback, { predictor: fail("unavailable") }).predict({ instances: [1] });
  expect([away.predictions, away.headers["x-fallback"]]).toEqual([[0.5], "1"]);
  const broken = await testTransformer(Fallback, { predictor: fail("bad_gateway") }).predict({ instances: [1] });
  expect(broken.status).toBe(502);
});

test("sizes: boxes come back on the original picture", async () => {
  const picture = readFileSync(new URL("../clothing/drawings/pants.jpg", import.meta.url));
  const files = { "https://example.com/pants.jpg": picture };
  const tested = testTransformer(Boxes, { predictor: { predictions: [[0, 0, 1, 1]] }, files });
  const { predictions } = await tested.predict({ instances: [{ url: "https://example.com/pants.jpg" }] });
  const [, , width = 0, height = 0] = predictions[0] as number[];
  expect(width > 64 && height > 64).toBe(true);
});

test("NMS: of two that overlap the better one stays", async () => {
  const boxes = [
    [0, 0, 10, 10, 0.8],
    [1, 0, 11, 10, 0.9],
    [50, 50, 60, 60, 0.1],
  ];
  const tested = testTransformer(Suppression, { predictor: { predictions: [boxes] } });
  expect((await tested.predict({ instances: [1] })).predictions).toEqual([[boxes[1], boxes[2]]]);
});

test("database: rows are enriched, an unknown one is named", async () => {
  const database = { query: async () => ({ rows: [{ id: "ann", age: 41, orders: 3 }] }) };
  const tested = testTransformer(new Enrich(database), { predictor: { predictions: [1] } });
  await tested.predict({ instances: [{ customer: "ann" }] });
  expect(tested.sent[0]?.instances).toEqual([[41, 3]]);
  expect((await tested.predict({ instances: [{ customer: "bob" }] })).json).toMatchObject({
    error: "instances[0].customer: not known",
  });
});

test("metric: labels are counted, over every instance of the class", async () => {
  for (const transformer of [new Counted(), new Counted()]) {
    await testTransformer(transformer, { predictor: { predictions: ["hat", "hat"] } }).predict({ instances: [1, 2] });
  }
  expect(await register.metrics()).toContain('shop_labels_total{label="hat"} 4');
  register.clear();
});

test("warm-up: the predictor is asked before the first client", async () => {
  const tested = testTransformer(WarmUp, { predictor: { predictions: [1] } });
  await tested.predict({ instances: [5] });
  expect(tested.sent.map((request) => request.inputs[0]?.name)).toEqual(["image", "input-0"]);
});

test("error: status, header and body are the hook's own", async () => {
  const tested = testTransformer(Quota, { predictor: { predictions: [1] } });
  await tested.predict({ instances: [1] });
  const { status, headers, json } = await tested.predict({ instances: [1] });
  expect([status, headers["retry-after"], json]).toEqual([429, "60", { title: "Quota used up", retry_in_seconds: 60 }]);
});
