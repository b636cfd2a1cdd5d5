import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { testTransformer } from "kserve-transformer/testing";
import LocalTransformer from "./local.ts";
import ScoreTransformer from "./transformer.ts";

test("the predictor gets bare rows, the client gets scores", async () => {
  const score = testTransformer(ScoreTransformer, { predictor: { predictions: [3, 0.5] } });
  const response = await score.predict({ instances: [{ values: [1, 2] }, { values: [0.5] }] });
  assert.deepEqual(score.sent[0]?.instances, [[1, 2], [0.5]]);
  assert.deepEqual(response.predictions, [{ score: 3 }, { score: 0.5 }]);
  await score.close();
});

test("a row that cannot be read is a 400 that names it, and the predictor is not asked", async () => {
  const score = testTransformer(ScoreTransformer, { predictor: { predictions: [] } });
  const response = await score.predict({ instances: [{ values: [1] }, { values: ["one"] }] });
  assert.equal(response.status, 400);
  assert.match(JSON.stringify(response.json), /instances\[1\]\.values/);
  assert.equal(score.sent.length, 0);
  await score.close();
});

test("the stand-in answers the request that the README sends", async () => {
  const local = testTransformer(LocalTransformer);
  const response = await local.predict(JSON.parse(readFileSync(new URL("request.json", import.meta.url), "utf8")));
  assert.deepEqual(response.predictions, [{ score: 6 }, { score: 1 }]);
  await local.close();
});
