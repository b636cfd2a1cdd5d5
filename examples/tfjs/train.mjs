/**
 * Makes examples/tfjs/model: a network of two layers that learned exclusive or, saved as TensorFlow.js saves models.
 *
 *     node examples/tfjs/train.mjs
 */
import { writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";

const model = tf.sequential({
  layers: [
    tf.layers.dense({
      units: 8,
      activation: "tanh",
      inputShape: [2],
      name: "pair",
      kernelInitializer: tf.initializers.glorotUniform({ seed: 7 }),
    }),
    tf.layers.dense({
      units: 1,
      activation: "sigmoid",
      name: "differ",
      kernelInitializer: tf.initializers.glorotUniform({ seed: 8 }),
    }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.1), loss: "binaryCrossentropy" });
const pairs = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
await model.fit(pairs, tf.tensor2d([0, 1, 1, 0], [4, 1]), { epochs: 300, verbose: 0, shuffle: false });
model.predict(pairs).print();
await model.save(
  tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
    const folder = new URL("model/", import.meta.url);
    writeFileSync(new URL("weights.bin", folder), Buffer.from(weightData));
    const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
    const json = { format: "layers-model", modelTopology, weightsManifest };
    writeFileSync(new URL("model.json", folder), `${JSON.stringify(json, null, 2)}\n`);
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  }),
);
