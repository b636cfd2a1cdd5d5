import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import type { Detection } from "kserve-transformer/vision";
import sharp from "sharp";
import { readFixture, uniform } from "../../test/vision/computed.ts";
import createImageTransformer from "./transformer.ts";

/** Made by test/servers/parity/detector_folders.py: label, score, left, top, right, bottom. */
interface Fixture {
  readonly library: string;
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly queries: number;
  readonly classes: number;
  readonly threshold: number;
  readonly cases: readonly {
    readonly architecture: string;
    readonly configuration: object;
    readonly seed: number;
    readonly found: readonly { readonly count: number; readonly first: number[][]; readonly last: number[] }[];
  }[];
}

const { library, sizes, queries, classes, threshold, cases } = readFixture<Fixture>("detector-folders.json");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detector-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const toDetection = ([label, score, xmin, ymin, xmax, ymax]: readonly number[]) => ({
  label: String(label),
  score: expect.closeTo(score ?? Number.NaN, 6),
  box: Object.fromEntries(
    Object.entries({ xmin, ymin, xmax, ymax }).map(([side, at]) => [side, expect.closeTo(at ?? 0, 3)]),
  ),
});

test.each(cases.map((one) => [one.architecture, one] as const))(
  `%s: the boxes that ${library} gives, on two pictures of different sizes`,
  async (architecture, { configuration, seed, found }) => {
    writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(configuration));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ architectures: [architecture] }));
    const logits = uniform(seed, 2 * queries * classes).map((value) => Math.fround(Math.fround(value * 6) - 3));
    const outputs = [
      createTensor("logits", "FP32", [2, queries, classes], logits),
      createTensor("pred_boxes", "FP32", [2, queries, 4], uniform(seed + 3000, 2 * queries * 4)),
    ];
    const env = { IMAGE_MODEL_FOLDER: folder, IMAGE_SCORE_THRESHOLD: String(threshold) };
    const tested = testTransformer(await createImageTransformer({ env }), { predictor: { outputs } });
    const instances = await Promise.all(
      sizes.map(async ([height, width]) => {
        const picture = sharp({ create: { width, height, channels: 3, background: "red" } });
        return { b64: (await picture.png().toBuffer()).toString("base64") };
      }),
    );
    const { predictions } = await tested.predict({ instances });
    await tested.close();
    const lists = predictions as unknown as Detection[][];
    expect(lists.map(({ length }) => length)).toEqual(found.map(({ count }) => count));
    for (const [index, { first, last }] of found.entries()) {
      const list = lists[index] ?? [];
      expect([...list.slice(0, 4), list.at(-1)]).toEqual([...first, last].map(toDetection));
    }
  },
);

test("what is known and not reproduced says why, and a detector whose head is not known passes its outputs on", async () => {
  const write = (configuration: object) =>
    writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(configuration));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ architectures: ["OwlViTForObjectDetection"] }));
  write({ image_processor_type: "OwlViTImageProcessor" });
  await expect(createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder } })).rejects.toThrow(
    "cannot be reproduced: the model takes texts beside pictures",
  );
  write({ image_processor_type: "ViTImageProcessor", size: 8 });
  const tested = testTransformer(await createImageTransformer({ env: { IMAGE_MODEL_FOLDER: folder } }), {
    predictor: { predictions: [[1, 2, 3]] },
  });
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } });
  const { json } = await tested.predict({ instances: [{ b64: (await picture.png().toBuffer()).toString("base64") }] });
  await tested.close();
  expect(json).toEqual({ predictions: [[1, 2, 3]] });
});
