import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createTensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import createModeration from "./moderation.ts";

const MODEL_FOLDER = fileURLToPath(new URL("../../test/fixtures/text/tasks/classifier", import.meta.url));

test("a comment's mood decides whether a person looks at it", async () => {
  const logits = createTensor("logits", "FP32", [2, 3], Float32Array.of(0, 0, 3, 2, 0, 1));
  const tested = testTransformer(await createModeration({ env: { MODEL_FOLDER } }), {
    predictor: { outputs: [logits] },
  });
  const { predictions } = await tested.predict({
    instances: [
      { author: "Ann", comment: "they run away" },
      { author: "Bo", comment: "the dog" },
    ],
  });
  expect(predictions).toEqual([
    { author: "Ann", mood: "angry", review: true },
    { author: "Bo", mood: "sad", review: false },
  ]);
  const { status } = await tested.predict({ instances: [{ comment: "no author" }] });
  expect(status).toBe(400);
  await tested.close();
});

test("the example stays short", () => {
  const code = readFileSync(new URL("moderation.ts", import.meta.url), "utf8");
  expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});
