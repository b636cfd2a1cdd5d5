import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testTransformer } from "kserve-transformer/testing";
import sharp from "sharp";
import createImageTransformer from "./transformer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detector-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

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
