import { imageTensor } from "../../src/image/image-tensor.ts";
import { openImage } from "../../src/image/open-image.ts";
import type { ScalingPreset } from "../../src/image/scaling.ts";
import { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { computedPixels, EXPECTED, readFixture } from "./image-fixtures.ts";
import { sha256 } from "./shared-clothing.ts";

const size = [64, 64] as const;

test.each(["tf", "caffe", "torch", "plain"] as ScalingPreset[])(
  "scaling '%s' has numpy's float32 bits",
  async (scaling) => {
    const tensor = await imageTensor("image", [computedPixels(64, 64)], { size, scaling });
    expect(tensor.shape).toEqual([1, 64, 64, 3]);
    expect(sha256(new Uint8Array(tensor.data.buffer))).toBe(EXPECTED.scaled[scaling]);
  },
);

test("NCHW has numpy's transposed float32 bits", async () => {
  const tensor = await imageTensor("image", [computedPixels(64, 64)], { size, scaling: "torch", layout: "NCHW" });
  expect(tensor.shape).toEqual([1, 3, 64, 64]);
  expect(sha256(new Uint8Array(tensor.data.buffer))).toBe(EXPECTED.scaled["torchNCHW"]);
});

const pixel = (...data: number[]) => ({ width: 1, height: 1, data: Uint8Array.from(data) });

test("several images follow each other, in each layout and order of channels", async () => {
  const images = [pixel(1, 2, 3), pixel(4, 5, 6)];
  const values = async (layout: "NHWC" | "NCHW", channels: "RGB" | "BGR") =>
    Array.from((await imageTensor("x", images, { size: [1, 1], scaling: { channels }, layout })).data);
  expect(await values("NHWC", "RGB")).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await values("NHWC", "BGR")).toEqual([3, 2, 1, 6, 5, 4]);
  expect(await values("NCHW", "RGB")).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await values("NCHW", "BGR")).toEqual([3, 2, 1, 6, 5, 4]);
});

test("a formula of one's own is (byte / divisor - mean) / std, means in the order of the channels", async () => {
  const scaling = { divisor: 2, mean: [1, 2, 3], std: [2, 4, 8], channels: "BGR" } as const;
  const { data } = await imageTensor("x", [pixel(10, 20, 30)], { size: [1, 1], scaling });
  expect(Array.from(data)).toEqual([(15 - 1) / 2, (10 - 2) / 4, (5 - 3) / 8]);
});

test("size is height and width, in this order", async () => {
  const tensor = await imageTensor("x", [computedPixels(50, 40)], { size: [20, 30], scaling: "plain" });
  expect(tensor.shape).toEqual([1, 20, 30, 3]);
  expect(sha256((tensor as LookupTensor).bytes)).toBe(EXPECTED.resized["50x40 30x20 nearest"]);
});

test("no image gives an empty tensor", async () => {
  const tensor = await imageTensor("x", [], { size: [20, 30], scaling: "tf" });
  expect([tensor.shape, tensor.data.length]).toEqual([[0, 20, 30, 3], 0]);
});

test("floats are made from a table of each channel, one for all where all are scaled alike", async () => {
  const tensor = await imageTensor("x", [computedPixels(64, 64)], { size, scaling: "tf" });
  expect(tensor).toBeInstanceOf(LookupTensor);
  expect(new Set((tensor as LookupTensor).tables).size).toBe(1);
});

test("shorterSide cuts the middle out of an image that kept its proportions", async () => {
  // 5 × 3 pixels, red rising with x and green with y: at its own height nothing is resized, and the middle columns stay.
  const data = Uint8Array.from({ length: 45 }, (_, i) =>
    i % 3 === 0 ? ((i / 3) % 5) + 10 : i % 3 === 1 ? Math.floor(i / 15) : 0,
  );
  const { data: values } = await imageTensor("x", [{ width: 5, height: 3, data }], {
    size: [1, 3],
    scaling: "plain",
    shorterSide: 3,
  });
  expect(Array.from(values)).toEqual([11, 1, 0, 12, 1, 0, 13, 1, 0]);
});

test("an odd margin is halved to the even number, as Python rounds", async () => {
  const row = (width: number) => ({
    width,
    height: 1,
    data: Uint8Array.from({ length: width * 3 }, (_, i) => Math.floor(i / 3)),
  });
  const first = async (width: number) =>
    (await imageTensor("x", [row(width)], { size: [1, 1], scaling: "plain", shorterSide: 1 })).data[0];
  // Margins 1, 3, 5, 7 halve to 0.5, 1.5, 2.5, 3.5.
  expect([await first(2), await first(4), await first(6), await first(8)]).toEqual([0, 2, 2, 4]);
});

test("mode 'fast' stays near the exact pixels", async () => {
  const image = await openImage(readFixture("colour-444.jpg"));
  const options = { size: [12, 16], scaling: "plain", resample: "bilinear" } as const;
  const exact = await imageTensor("x", [image], options);
  const pixels = await image.decode();
  for (const source of [image, pixels]) {
    const fast = await imageTensor("x", [source], { ...options, mode: "fast" });
    const mean =
      fast.data.reduce((sum, value, i) => sum + Math.abs(value - (exact.data[i] ?? 0)), 0) / fast.data.length;
    expect(fast.shape).toEqual(exact.shape);
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(6);
  }
});

test.each([
  [{ size: [0, 10] }, "imageTensor: expected size as [height, width] in pixels, got [0, 10]"],
  [{ size: [10, 1.5] }, "imageTensor: expected size as [height, width] in pixels, got [10, 1.5]"],
  [{ size: [10, 20], shorterSide: 19 }, "imageTensor: expected shorterSide to be at least 20, got 19"],
])("%j is refused", async (options, message) => {
  const failure = imageTensor("x", [], { scaling: "tf", ...(options as { size: [number, number] }) });
  await expect(failure).rejects.toThrow(message);
});
