import sharp from "sharp";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { loadImages } from "../../src/image/load-images.ts";
import type { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { ThreadPool } from "../../src/threads/thread-pool.ts";

const noFetch = () => Promise.reject(new Error("not asked"));
const threads = new ThreadPool(2);
afterAll(() => threads.close());

async function pictureOf(format: "jpeg" | "png", width: number, height: number): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

test.each([
  { size: [20, 30], scaling: "tf", resample: "bilinear" },
  { size: [20, 30], scaling: "caffe", resample: "lanczos", pillow: 12 },
  { size: [24, 24], scaling: "torch", layout: "NCHW", resample: "bicubic", shorterSide: 32 },
  { size: [16, 16], scaling: "plain", mode: "fast", resample: "bilinear" },
  { size: [61, 90], scaling: "tf" },
] as const)("threads make the bytes that the event loop makes: %j", async (options) => {
  const sources = [
    { bytes: await pictureOf("jpeg", 90, 61) },
    { bytes: await pictureOf("png", 40, 77) },
    {
      bytes: await sharp(await pictureOf("jpeg", 50, 50))
        .toColourspace("cmyk")
        .jpeg()
        .toBuffer(),
    },
  ];
  const [there, here] = await Promise.all(
    [{ fetch: noFetch, threads }, { fetch: noFetch }].map(async (context) => {
      const images = await loadImages(sources, context);
      expect(images.every(({ render }) => (render === undefined) === !("threads" in context))).toBe(true);
      return (await imageTensor("x", images, options)) as LookupTensor;
    }),
  );
  expect(Buffer.compare(there?.bytes as Uint8Array, here?.bytes as Uint8Array)).toBe(0);
  expect(there?.shape).toEqual(here?.shape);
  expect(sources.every(({ bytes }) => bytes.length > 0)).toBe(true);
});

test("a picture that is broken behind its header fails by its place, in a thread too", async () => {
  const whole = await pictureOf("jpeg", 200, 200);
  const images = await loadImages([{ bytes: whole }, { bytes: whole.subarray(0, 4000), field: "b64" }], {
    fetch: noFetch,
    threads,
  });
  await expect(imageTensor("x", images, { size: [10, 10], scaling: "tf" })).rejects.toMatchObject({
    code: "invalid_argument",
    message: "instances[1].b64: the jpeg data is broken or incomplete",
  });
});

test("pictures that wait for a thread are not decoded once the request is over", async () => {
  const controller = new AbortController();
  const one = new ThreadPool(1);
  const bytes = await pictureOf("png", 300, 300);
  const context = { fetch: noFetch, threads: one, signal: controller.signal };
  const images = await loadImages([{ bytes }, { bytes }, { bytes }], context);
  const tensor = imageTensor("x", images, { size: [10, 10], scaling: "tf" });
  controller.abort(new Error("the client left"));
  await expect(tensor).rejects.toThrow("the client left");
  await one.close();
});
