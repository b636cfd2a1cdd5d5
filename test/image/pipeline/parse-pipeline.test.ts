import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { parseImagePipeline } from "../../../src/image/pipeline/parse-pipeline.ts";

const resize = {
  step: "resize",
  to: { fit: "stretch", size: [2, 2] },
  with: { backend: "pillow", resample: "nearest" },
};

test("what may be left out gets its default", () => {
  expect(parseImagePipeline({ steps: [resize, { step: "rescale", divisor: 255 }] })).toEqual({
    version: 1,
    decode: { mode: "RGB", orientation: "ignore", decoder: "pillow" },
    steps: [
      { ...resize, with: { ...resize.with, pillow: 13 } },
      { step: "rescale", factor: 1, divisor: 255, offset: 0, precision: "float32" },
    ],
    output: { layout: "NHWC", datatype: "FP32" },
  });
});

test.each([
  [{ steps: [], colour: 1 }, /^pipeline: .*"colour"/],
  [{ steps: [{ ...resize, antialias: true }] }, /^pipeline: steps\[0\]: .*"antialias"/],
  [{ steps: [{ ...resize, with: { backend: "pillow", resample: "area" } }] }, /steps\[0\]\.with\.resample: /],
  [{ steps: [{ ...resize, with: { backend: "imagemagick", resample: "area" } }] }, /steps\[0\]\.with\.backend: /],
  [{ steps: [{ step: "sharpen" }] }, /steps\[0\]\.step: /],
  [
    { steps: [{ step: "rescale" }, resize] },
    /steps\[1\]\.step: resize after rescale: the steps that scale values come last/,
  ],
  [
    { steps: [{ ...resize, with: { backend: "tensorflow", resample: "bilinear" } }, resize] },
    /steps\[1\]\.step: resize after a resize by tensorflow/,
  ],
  [
    { steps: [{ ...resize, with: { backend: "torch", resample: "lanczos", antialias: false } }] },
    /torchvision has no lanczos without antialias/,
  ],
  [
    { steps: [{ step: "normalize", mean: [0, 0], std: [1] }] },
    /steps\[0\]\.mean: expected 1 value or 3, one a channel of RGB, got 2/,
  ],
  [{ steps: [{ step: "normalize", mean: [0], std: [1, 0, 1] }] }, /steps\[0\]\.std: expected other numbers than 0/],
  [{ steps: [{ step: "rescale", divisor: 0 }] }, /steps\[0\]\.divisor: expected another number than 0/],
  [
    { steps: [{ step: "rescale" }], output: { datatype: "UINT8" } },
    /output\.datatype: UINT8 holds no values that rescale made/,
  ],
])("%j is refused with the place", (value, message) => {
  expect(() => createImagePipeline(value as Parameters<typeof createImagePipeline>[0])).toThrow(message);
});
