import * as tf from "@tensorflow/tfjs";
import { testTransformer } from "kserve-transformer/testing";
import { createTfjsPredictor } from "kserve-transformer/tfjs";
import DifferTransformer from "./differ.ts";

const path = new URL("model/model.json", import.meta.url).pathname;

test("numbers on different sides of five differ, and no tensor is left behind", async () => {
  const differ = testTransformer(DifferTransformer, { predictor: createTfjsPredictor({ tf, path }) });
  const instances = [
    { left: 1, right: 2 },
    { left: 1, right: 8 },
    { left: 7, right: 0 },
    { left: 9, right: 9 },
  ];
  await differ.predict({ instances });
  const before = tf.memory().numTensors;
  const answers = await Promise.all(Array.from({ length: 8 }, () => differ.predict({ instances })));
  for (const { predictions } of answers) {
    expect(predictions).toEqual([{ differ: false }, { differ: true }, { differ: true }, { differ: false }]);
  }
  expect(tf.memory().numTensors).toBe(before);
  await differ.close();
});
