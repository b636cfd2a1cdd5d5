import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { testTransformer } from "kserve-transformer/testing";
import LocalTransformer from "./local.ts";
import TabularTransformer from "./transformer.ts";

test("records become vectors, probabilities become decisions", async () => {
  const churn = testTransformer(TabularTransformer, { predictor: { predictions: [[0.4, 0.6]] } });
  const response = await churn.predict({ instances: [{ contract: "one_year", monthlycharges: 70.5, tenure: 12 }] });
  assert.deepEqual(churn.sent[0]?.instances, [[0, 1, 0, 70.5, 12]]);
  assert.deepEqual(response.predictions, [{ churn_probability: 0.6, churn: true }]);
  await churn.close();
});

test("a field of the wrong type is a 400 that names it, and the predictor is not asked", async () => {
  const churn = testTransformer(TabularTransformer, { predictor: { predictions: [] } });
  const response = await churn.predict({ instances: [{ tenure: 1 }, { tenure: "long" }] });
  assert.equal(response.status, 400);
  assert.match(JSON.stringify(response.json), /instances\[1\]\.tenure/);
  assert.equal(churn.sent.length, 0);
  await churn.close();
});

test("the stand-in tells who leaves of the README's two customers", async () => {
  const local = testTransformer(LocalTransformer);
  const body = JSON.parse(readFileSync(new URL("request.json", import.meta.url), "utf8"));
  const { predictions } = await local.predict(body);
  assert.deepEqual(
    predictions.map((row) => (row as { churn: boolean }).churn),
    [true, false],
  );
  await local.close();
});
