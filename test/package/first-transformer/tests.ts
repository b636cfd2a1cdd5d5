import assert from "node:assert/strict";
import { test } from "node:test";
import { testTransformer } from "kserve-transformer/testing";
import FlowerTransformer from "./transformer.ts";

test("a petal becomes a vector, a class becomes a species", async () => {
  const flowers = testTransformer(FlowerTransformer, { predictor: { predictions: [2] } });
  const { predictions } = await flowers.predict({ instances: [{ petal: [5.1, 1.8] }] });
  assert.deepEqual(flowers.sent[0]?.instances, [[5.1, 1.8]]);
  assert.deepEqual(predictions, [{ species: "virginica" }]);
});

test("a row without a petal is a 400 that names it", async () => {
  const flowers = testTransformer(FlowerTransformer, { predictor: { predictions: [] } });
  const response = await flowers.predict({ instances: [{ leaf: 1 }] });
  assert.equal(response.status, 400);
  assert.match(JSON.stringify(response.json), /instances\[0\]\.petal/);
});
