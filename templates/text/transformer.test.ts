import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createTensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import LocalTransformer from "./local.ts";
import TextTransformer from "./transformer.ts";

test("texts become token ids of one length, logits become probabilities by label", async () => {
  const logits = createTensor("logits", "FP32", [2, 2], new Float32Array([9, 0, 0, 9]));
  const text = testTransformer(TextTransformer, { predictor: { outputs: [logits] } });
  const response = await text.predict({ instances: [{ text: "A bad film" }, { text: "good" }] });
  assert.deepEqual(
    [...(text.sent[0]?.input("input_ids", "INT64").data ?? [])],
    [2, 9, 7, 10, 3, 2, 5, 3, 0, 0].map(BigInt),
  );
  assert.deepEqual(
    [...(text.sent[0]?.input("attention_mask", "INT64").data ?? [])].map(Number),
    [1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
  );
  const [first, second] = response.predictions as Record<string, number>[];
  assert.ok((first?.["negative"] ?? 0) > 0.99 && (second?.["positive"] ?? 0) > 0.99);
  await text.close();
});

test("a row without a text is a 400 that names it, and the predictor is not asked", async () => {
  const text = testTransformer(TextTransformer, { predictor: { predictions: [] } });
  const response = await text.predict({ instances: [{ text: "good" }, { text: 5 }] });
  assert.equal(response.status, 400);
  assert.match(JSON.stringify(response.json), /instances\[1\]\.text/);
  assert.equal(text.sent.length, 0);
  await text.close();
});

test("the stand-in tells the good text of the README's request from the bad one", async () => {
  const local = testTransformer(LocalTransformer);
  const body = JSON.parse(readFileSync(new URL("request.json", import.meta.url), "utf8"));
  const [first, second] = (await local.predict(body)).predictions as Record<string, number>[];
  assert.ok((first?.["positive"] ?? 0) > 0.9, JSON.stringify(first));
  assert.ok((second?.["negative"] ?? 0) > 0.9, JSON.stringify(second));
  await local.close();
});
