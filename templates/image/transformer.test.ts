import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createTensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import LocalTransformer from "./local.ts";
import ImageTransformer from "./transformer.ts";

const body = JSON.parse(readFileSync(new URL("request.json", import.meta.url), "utf8"));

test("pictures become one tensor, logits become probabilities by label", async () => {
  const logits = createTensor("logits", "FP32", [2, 2], new Float32Array([9, 0, 0, 9]));
  const image = testTransformer(ImageTransformer, { predictor: { outputs: [logits] } });
  const response = await image.predict(body);
  assert.deepEqual(image.sent[0]?.input("image", "FP32").shape, [2, 224, 224, 3]);
  const [first, second] = response.predictions as Record<string, number>[];
  assert.ok((first?.["dark"] ?? 0) > 0.99 && (second?.["bright"] ?? 0) > 0.99);
  await image.close();
});

test("bytes that are no picture are a 415 that names their row, and the predictor is not asked", async () => {
  const image = testTransformer(ImageTransformer, { predictor: { predictions: [] } });
  const response = await image.predict({ instances: [{ b64: Buffer.from("no picture").toString("base64") }] });
  assert.equal(response.status, 415);
  assert.match(JSON.stringify(response.json), /instances\[0\]/);
  assert.equal(image.sent.length, 0);
  await image.close();
});

test("the stand-in tells the dark picture of the README's request from the bright one", async () => {
  const local = testTransformer(LocalTransformer);
  const [first, second] = (await local.predict(body)).predictions as Record<string, number>[];
  assert.ok((first?.["dark"] ?? 0) > 0.9, JSON.stringify(first));
  assert.ok((second?.["bright"] ?? 0) > 0.9, JSON.stringify(second));
  await local.close();
});
