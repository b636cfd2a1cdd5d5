import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadImageModel } from "kserve-transformer/image";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "labels-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(config: object, type = "ViTImageProcessor") {
  writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify({ image_processor_type: type }));
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return loadImageModel(folder);
}

const VIT = { architectures: ["ViTForImageClassification"] };

test.each<[string, object, string, readonly string[]]>([
  ["id2label in the order of its numbers", { ...VIT, id2label: { 1: "dog", 0: "cat" } }, "ViT", ["cat", "dog"]],
  ["id2label as a list", { ...VIT, id2label: ["cat", "dog"] }, "ViT", ["cat", "dog"]],
  ["two where nothing is said", VIT, "ViT", ["LABEL_0", "LABEL_1"]],
  ["as many as num_labels", { ...VIT, num_labels: 3 }, "ViT", ["LABEL_0", "LABEL_1", "LABEL_2"]],
  ["id2label before num_labels", { ...VIT, num_labels: 3, id2label: { 0: "cat" } }, "ViT", ["cat"]],
  ["two of a detector too", { architectures: ["DetrForObjectDetection"] }, "Detr", ["LABEL_0", "LABEL_1"]],
  [
    "two of a segmenter too",
    { architectures: ["SegformerForSemanticSegmentation"] },
    "Segformer",
    ["LABEL_0", "LABEL_1"],
  ],
  ["none of a model whose outputs go on", { architectures: ["ViTModel"] }, "ViT", []],
  ["none of a detector whose outputs go on", { architectures: ["OwlViTForObjectDetection"] }, "ViT", []],
])("labels are %s", async (_, config, family, labels) => {
  expect((await load(config, `${family}ImageProcessor`)).labels).toEqual(labels);
});

test.each([0, 1.5, -1, "3", 1e9])("num_labels of %j is refused", async (count) => {
  await expect(load({ ...VIT, num_labels: count })).rejects.toThrow(
    `config.json: num_labels: expected a whole number from 1 on, got ${JSON.stringify(count)}`,
  );
});
