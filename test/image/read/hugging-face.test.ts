import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { readHuggingFaceProcessor } from "../../../src/image/read/hugging-face.ts";
import { readFixture } from "../image-fixtures.ts";
import { differences, type ProcessorCases, pictureOf } from "./processor-cases.ts";

const fixture: ProcessorCases = JSON.parse(readFixture("hugging-face.json").toString("utf8"));

test(`53 configurations, slow and fast, have the float32 bits and masks of ${fixture.library}`, async () => {
  expect(await differences(fixture)).toEqual([]);
  const { cases } = fixture;
  expect([cases.length, cases.filter(({ together }) => together !== undefined).length]).toEqual([106, 16]);
});

const vit = { image_processor_type: "ViTImageProcessor" };

test.each([
  [{ ...vit, do_reduce_labels: true, tint: 3 }, "members that are not known: do_reduce_labels, tint"],
  [{ size: 224 }, "image_processor_type is missing; known are ViT,"],
  [
    { image_processor_type: "NougatImageProcessor" },
    'image_processor_type "NougatImageProcessor" is not known; known are ViT,',
  ],
  [
    { image_processor_type: "OwlViTImageProcessor" },
    'image_processor_type "OwlViTImageProcessor" cannot be reproduced: the model takes texts beside pictures; known are',
  ],
  [
    { image_processor_type: "DetrImageProcessor", size: { shortest_edge: 800 } },
    "size: expected height and width, shortest_edge and longest_edge, or max_height and max_width, got",
  ],
  [{ image_processor_type: "RTDetrImageProcessor", size: 640 }, "size: expected height and width, shortest_edge"],
  [
    { image_processor_type: "LevitImageProcessor", size: { shortest_edge: 224, longest_edge: 300 } },
    "size: expected a number, height and width",
  ],
  [
    { image_processor_type: "DPTImageProcessor", size: { shortest_edge: 384 } },
    'size: expected a number, or height and width, got {"shortest_edge":384}',
  ],
  [
    { image_processor_type: "DPTImageProcessor", do_pad: true, size_divisor: 14 },
    "do_pad: expected false: nothing else can be reproduced, got true",
  ],
  [
    { image_processor_type: "DPTImageProcessor", ensure_multiple_of: 0 },
    "ensure_multiple_of: expected a whole number from 1 on",
  ],
  [{ image_processor_type: "DetrImageProcessor", pad_size: 900 }, "pad_size: expected height and width, got 900"],
  [{ ...vit, do_flip_channel_order: true }, "members that are not known: do_flip_channel_order"],
  [{ ...vit, do_pad: true }, "do_pad: expected false: nothing else can be reproduced, got true"],
  [{ ...vit, resample: 4 }, "resample: expected 0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic), got 4"],
  [{ ...vit, size: { width: 3 } }, "size: expected a number, height and width"],
  [{ ...vit, do_resize: "yes" }, 'do_resize: expected true or false, got "yes"'],
  [[], "expected an object, got []"],
])("%j is refused", (value, message) => {
  expect(() => readHuggingFaceProcessor(value)).toThrow(`preprocessor_config.json: ${message}`);
});

test("the backend is what the type says, unless somebody says it", () => {
  const backend = (type: string) =>
    JSON.stringify(readHuggingFaceProcessor({ image_processor_type: type }).steps[0]).match(/"backend":"(\w+)"/)?.[1];
  expect([backend("ViTImageProcessor"), backend("ViTImageProcessorFast")]).toEqual(["pillow", "torch"]);
});

test("a picture that the processor makes nothing of, or that is larger than what it fills up to, is refused", async () => {
  const run = (configuration: object, size: readonly [number, number]) =>
    createImagePipeline(readHuggingFaceProcessor(configuration)).run("x", [pictureOf(size, 0)]);
  const yolos = { image_processor_type: "YolosImageProcessor", size: { shortest_edge: 64, longest_edge: 120 } };
  await expect(run(yolos, [30, 250])).rejects.toThrow(
    "a picture of 30 × 250 pixels becomes 0 × 112 in whole multiples of 16",
  );
  const detr = { image_processor_type: "DetrImageProcessor", do_resize: false, pad_size: { height: 50, width: 60 } };
  await expect(run(detr, [61, 50])).rejects.toThrow(
    "pictures have become 61 × 50 pixels, and output.batch fills up to 60 × 50",
  );
});

test("a picture is turned as its EXIF orientation says, as transformers' load_image does", () => {
  expect(createImagePipeline(readHuggingFaceProcessor(vit)).loadOptions).toEqual({ autoOrient: true });
});
