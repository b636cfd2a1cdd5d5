import type { Pixels } from "../../../src/image/image.ts";
import { imageTensor } from "../../../src/image/image-tensor.ts";
import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import type { ImagePipelineInput } from "../../../src/image/pipeline/specification.ts";
import { computedPixels } from "../image-fixtures.ts";

/** Red is the column, green the row. */
function grid(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 7][i % 3] as number;
  });
  return { width, height, data };
}

const run = (
  images: readonly Pixels[],
  steps: ImagePipelineInput["steps"],
  rest: Omit<ImagePipelineInput, "steps"> = {},
) => createImagePipeline({ steps, ...rest }).run("x", images);

async function firstPixel(image: Pixels, steps: ImagePipelineInput["steps"]): Promise<number[]> {
  const { tensor } = await run([image], steps, { output: { datatype: "UINT8" } });
  return Array.from(tensor.data as Uint8Array).slice(0, 3);
}

test("imageTensor's presets are the pipeline's steps, bit for bit", async () => {
  const images = [computedPixels(50, 40), computedPixels(64, 64)];
  const size = [20, 30] as const;
  const pillow = {
    step: "resize",
    to: { fit: "stretch", size: [20, 30] },
    with: { backend: "pillow", resample: "bicubic" },
  } as const;
  const { tensor } = await run(
    images,
    [
      pillow,
      { step: "rescale", divisor: 255 },
      { step: "normalize", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    ],
    { output: { layout: "NCHW" } },
  );
  const expected = await imageTensor("x", images, { size, scaling: "torch", resample: "bicubic", layout: "NCHW" });
  expect(tensor.shape).toEqual(expected.shape);
  expect(Array.from(tensor.data)).toEqual(Array.from(expected.data));
  const tf = await run(images, [pillow, { step: "rescale", divisor: 127.5, offset: -1 }]);
  expect(Array.from(tf.tensor.data)).toEqual(
    Array.from((await imageTensor("x", images, { size, scaling: "tf", resample: "bicubic" })).data),
  );
});

test.each([
  ["floor", 8, 5, [1, 0, 7]],
  ["half_even", 8, 5, [2, 0, 7]],
  ["floor", 6, 5, [0, 0, 7]],
  ["half_even", 6, 5, [0, 0, 7]],
] as const)("crop halves an odd margin by %s: %d to %d", async (margin, width, to, pixel) => {
  expect(await firstPixel(grid(width, 4), [{ step: "crop", size: [4, to], margin }])).toEqual(pixel);
});

test("crop fills the gap around a smaller picture with zeros, by floor or ceil on the side before it", async () => {
  const red = async (gap: "floor" | "ceil") => {
    const { tensor } = await run([grid(2, 1)], [{ step: "crop", size: [1, 5], gap }], {
      output: { datatype: "UINT8", layout: "NCHW" },
    });
    return Array.from(tensor.data as Uint8Array).slice(10);
  };
  expect(await red("floor")).toEqual([0, 7, 7, 0, 0]);
  expect(await red("ceil")).toEqual([0, 0, 7, 7, 0]);
});

test("letterbox keeps proportions, fills by 114 and its boxes go back", async () => {
  const { tensor, geometry } = await run([grid(100, 50)], [{ step: "letterbox", size: [64, 64] }], {
    output: { datatype: "UINT8" },
  });
  expect(tensor.shape).toEqual([1, 64, 64, 3]);
  expect(Array.from(tensor.data as Uint8Array).slice(0, 3)).toEqual([114, 114, 114]);
  expect(
    geometry[0]?.inverse([
      [0, 16, 64, 48],
      [32, 0, 64, 32],
    ]),
  ).toEqual([
    [0, 0, 100, 50],
    [50, 0, 100, 25],
  ]);
  const least = await run([grid(100, 50)], [{ step: "letterbox", size: [64, 64], fill: false, stride: 24 }]);
  expect(least.tensor.shape).toEqual([1, 40, 64, 3]);
  const kept = await run([grid(10, 5)], [{ step: "letterbox", size: [64, 64], enlarge: false }]);
  expect(kept.geometry[0]?.inverse([[27, 29, 37, 34]])).toEqual([[0, 0, 10, 5]]);
});

test("boxes go back through crop, resize and pad, and are cut off at the picture's border", async () => {
  const { geometry } = await run(
    [grid(40, 20)],
    [
      { step: "crop", size: [20, 20] },
      { step: "resize", to: { fit: "stretch", size: [10, 10] }, with: { backend: "opencv", resample: "linear" } },
      { step: "pad", to: { size: [12, 14] }, place: "centre" },
    ],
  );
  expect(
    geometry[0]?.inverse([
      [2, 1, 12, 11],
      [-20, 0, 30, 30],
    ]),
  ).toEqual([
    [10, 0, 30, 20],
    [0, 0, 40, 20],
  ]);
});

test("pad fills to a square or to multiples", async () => {
  const shape = async (to: { square: true } | { multiple: number }) =>
    (await run([grid(40, 20)], [{ step: "pad", to }])).tensor.shape;
  expect(await shape({ square: true })).toEqual([1, 40, 40, 3]);
  expect(await shape({ multiple: 32 })).toEqual([1, 32, 64, 3]);
});

test("pictures of several sizes are filled up with a mask, after their values were scaled", async () => {
  const { tensor, pixelMask } = await run([grid(2, 1), grid(1, 2)], [{ step: "rescale", offset: 1 }], {
    output: { layout: "NCHW", batch: { value: -1 } },
  });
  expect(tensor.shape).toEqual([2, 3, 2, 2]);
  expect(Array.from(tensor.data).slice(0, 4)).toEqual([1, 2, -1, -1]);
  expect(Array.from(pixelMask?.data ?? []).map(Number)).toEqual([1, 1, 0, 0, 1, 0, 1, 0]);
});

test("pictures of several sizes are refused without", async () => {
  await expect(run([grid(2, 1), grid(1, 2)], [])).rejects.toThrow(
    "pictures 0 and 1 have become 2 × 1 and 1 × 2 pixels",
  );
});

test("L is Pillow's luma, channels flip, and FP16 rounds to its nearest", async () => {
  const pixel = { width: 1, height: 1, data: Uint8Array.of(200, 100, 51) };
  const grey = await run([pixel], [], { decode: { mode: "L" }, output: { datatype: "UINT8" } });
  expect([grey.tensor.shape, Array.from(grey.tensor.data)]).toEqual([[1, 1, 1, 1], [124]]);
  expect(await firstPixel(pixel, [{ step: "flip_channels" }])).toEqual([51, 100, 200]);
  const half = await run([pixel], [{ step: "rescale", divisor: 255 }], { output: { datatype: "FP16" } });
  expect(Array.from(half.tensor.data)).toEqual([0x3a46, 0x3646, 0x3266]);
});

test.each([
  [{ fit: "shorter_side", side: 30 }, [30, 51]],
  [{ fit: "shorter_side", side: 30, longest: 40 }, [23, 40]],
  [{ fit: "longer_side", side: 30 }, [17, 30]],
  [{ fit: "longer_side", side: 30, rounding: "half_even" }, [18, 30]],
  [{ fit: "edges", shortest: 30, longest: 40 }, [23, 40]],
  [{ fit: "within", size: [20, 30] }, [17, 30]],
] as const)("%j of 41 × 24 pixels", async (to, size) => {
  const { tensor } = await run(
    [grid(41, 24)],
    [{ step: "resize", to, with: { backend: "torch", resample: "bilinear" } }],
  );
  expect(tensor.shape).toEqual([1, ...size, 3]);
});
