import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { readHuggingFaceProcessor } from "../../../src/image/read/hugging-face.ts";
import { sourceOf } from "../backend/resize-cases.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

/** Made by test/servers/parity/image_processors.py. */
interface Expected {
  readonly library: string;
  readonly sizes: readonly (readonly [width: number, height: number])[];
  readonly cases: readonly {
    readonly configuration: object;
    readonly backend: "pillow" | "torch";
    readonly pictures: readonly { readonly shape: readonly number[]; readonly sha256: string }[];
  }[];
}

const { library, sizes, cases }: Expected = JSON.parse(readFixture("hugging-face.json").toString("utf8"));

test(`20 configurations, slow and fast, have the float32 bits of ${library}`, async () => {
  const wrong: string[] = [];
  for (const { configuration, backend, pictures } of cases) {
    const pipeline = createImagePipeline(readHuggingFaceProcessor(configuration, { backend }));
    for (const [seed, expected] of pictures.entries()) {
      const [width, height] = sizes[seed] as readonly [number, number];
      const picture = sourceOf({ from: [width, height, 3], seed, to: [1, 1], method: "", offset: 0, sha256: "" });
      const { tensor } = await pipeline.run("pixel_values", [picture]);
      expect(tensor.shape).toEqual(expected.shape);
      const same = sha256(new Uint8Array(Float32Array.from(tensor.data).buffer)) === expected.sha256;
      if (!same) wrong.push(`${backend}, picture ${seed}: ${JSON.stringify(configuration)}`);
    }
  }
  expect(cases.length).toBe(40);
  expect(wrong).toEqual([]);
});

const vit = { image_processor_type: "ViTImageProcessor" };

test.each([
  [{ ...vit, do_reduce_labels: true, tint: 3 }, "members that are not known: do_reduce_labels, tint"],
  [{ image_processor_type: "SamImageProcessor" }, 'image_processor_type "SamImageProcessor" is not known'],
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
