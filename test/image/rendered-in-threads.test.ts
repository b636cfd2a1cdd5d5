import sharp from "sharp";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { loadImages } from "../../src/image/load-images.ts";
import { createImagePipeline } from "../../src/image/pipeline/create-image-pipeline.ts";
import type { ImagePipelineInput } from "../../src/image/pipeline/specification.ts";
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
      expect(images.every(({ inThread }) => (inThread === undefined) === !("threads" in context))).toBe(true);
      return (await imageTensor("x", images, options)) as LookupTensor;
    }),
  );
  expect(Buffer.compare(there?.bytes as Uint8Array, here?.bytes as Uint8Array)).toBe(0);
  expect(there?.shape).toEqual(here?.shape);
  expect(sources.every(({ bytes }) => bytes.length > 0)).toBe(true);
});

const RESIZE = { step: "resize", to: { fit: "shorter_side", side: 40 } } as const;
const PIPELINES: readonly ImagePipelineInput[] = [
  {
    steps: [
      { ...RESIZE, with: { backend: "opencv", resample: "linear" } },
      { step: "crop", size: [32, 32] },
    ],
  },
  { steps: [{ ...RESIZE, with: { backend: "torch", resample: "bicubic" } }], output: { batch: {} } },
  {
    decode: { mode: "L" },
    steps: [
      { step: "resize", to: { fit: "stretch", size: [20, 30] }, with: { backend: "tensorflow", resample: "bilinear" } },
      { step: "rescale", divisor: 255 },
    ],
  },
  {
    steps: [{ step: "letterbox", size: [64, 64] }, { step: "flip_channels" }],
    output: { datatype: "UINT8", layout: "NCHW" },
  },
  { steps: [], output: { batch: { multiple: 32 } } },
];

test.each(PIPELINES)(
  "threads run a pipeline's steps with the same samples and the same way back: %j",
  async (input) => {
    const sources = [{ bytes: await pictureOf("jpeg", 90, 61) }, { bytes: await pictureOf("png", 40, 77) }];
    const pipeline = createImagePipeline(input);
    const here = await pipeline.run("x", await loadImages(sources, { fetch: noFetch }));
    const images = await loadImages(sources, { fetch: noFetch, threads });
    // Whatever is decoded is decoded in a thread.
    const unread = images.map((image) => ({ ...image, decode: () => Promise.reject(new Error("decoded here")) }));
    const there = await pipeline.run("x", unread);
    expect(there.tensor.shape).toEqual(here.tensor.shape);
    expect([...there.tensor.data]).toEqual([...here.tensor.data]);
    expect(there.geometry).toEqual(here.geometry);
    expect(there.geometry[0]?.inverse([[1, 2, 30, 20]])).toEqual(here.geometry[0]?.inverse([[1, 2, 30, 20]]));
  },
);

test("a picture that is broken behind its header fails by its place, in a thread too", async () => {
  const whole = await pictureOf("jpeg", 200, 200);
  const images = await loadImages([{ bytes: whole }, { bytes: whole.subarray(0, 4000), field: "b64" }], {
    fetch: noFetch,
    threads,
  });
  const broken = { code: "invalid_argument", message: "instances[1].b64: the jpeg data is broken or incomplete" };
  await expect(imageTensor("x", images, { size: [10, 10], scaling: "tf" })).rejects.toMatchObject(broken);
  await expect(createImagePipeline({ steps: [] }).run("x", images)).rejects.toMatchObject(broken);
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
