import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeImageModel } from "../../../src/cli/inspect/describe-image-model.ts";

const folder = mkdtempSync(join(tmpdir(), "keras-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["image_dataset_from_directory", "RGB, EXIF orientation not applied, by TensorFlow's decode_image"],
  ["load_img", "RGB, EXIF orientation not applied"],
])("inspect says by whom JPEG is decoded: %s", async (loader, expected) => {
  writeFileSync(join(folder, "preprocessing.json"), JSON.stringify({ keras: { loader, size: [180, 150] } }));
  const { rows } = await describeImageModel(folder, undefined);
  expect(rows).toContainEqual(["decode", expected]);
});
