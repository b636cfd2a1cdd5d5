import { decodeTensorflowJpeg } from "../../../src/image/decode/jpeg/tensorflow-jpeg.ts";
import type { Image } from "../../../src/image/image.ts";
import { loadImages } from "../../../src/image/load-images.ts";
import { openImage } from "../../../src/image/open-image.ts";
import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { parseImagePipeline } from "../../../src/image/pipeline/parse-pipeline.ts";
import { readKerasPreprocessing } from "../../../src/image/read/keras.ts";
import { ThreadPool } from "../../../src/threads/thread-pool.ts";
import { readFixture } from "../image-fixtures.ts";

const threads = new ThreadPool(1);
afterAll(() => threads.close());
const fetch = () => Promise.reject(new Error("not asked"));

const AS_BYTES = { steps: [], output: { datatype: "UINT8" } } as const;
const colour = readFixture("colour-420.jpg");
const progressive = readFixture("progressive.jpg");

/** The bytes that the model gets of one file, decoded here or in a thread. */
async function bytesOf(file: Buffer, decode: object, where: object = {}): Promise<Buffer> {
  const pipeline = createImagePipeline({ decode, ...AS_BYTES });
  const images = await loadImages([{ bytes: file }], { fetch, ...where }, pipeline.loadOptions);
  const { tensor } = await pipeline.run("x", images);
  return Buffer.from(tensor.data as Uint8Array);
}

test.each([
  ["here", {}],
  ["in a thread", { threads }],
])("a pipeline gives a JPEG TensorFlow's pixels where it says so, and Pillow's else: %s", async (_name, where) => {
  for (const file of [colour, progressive, readFixture("orientation-6.jpg")]) {
    const expected = Buffer.from(decodeTensorflowJpeg(file, 3).data);
    expect(await bytesOf(file, { decoder: "tensorflow" }, where)).toEqual(expected);
    const pillow = Buffer.from((await (await openImage(file)).decode()).data);
    expect(await bytesOf(file, {}, where)).toEqual(pillow);
    expect(pillow).not.toEqual(expected);
  }
});

test.each([
  ["here", {}],
  ["in a thread", { threads }],
])("grey is TensorFlow's grey, the brightness that the file has: %s", async (_name, where) => {
  const expected = Buffer.from(decodeTensorflowJpeg(colour, 1).data.filter((_, i) => i % 3 === 0));
  expect(await bytesOf(colour, { decoder: "tensorflow", mode: "L" }, where)).toEqual(expected);
  expect(await bytesOf(colour, { mode: "L" }, where)).not.toEqual(expected);
});

test.each([
  ["here", {}],
  ["in a thread", { threads }],
])("a refusal names the row: %s", async (_name, where) => {
  const cmyk = readFixture("cmyk.jpg");
  await expect(bytesOf(cmyk, { decoder: "tensorflow", mode: "L" }, where)).rejects.toMatchObject({
    status: 415,
    message: "instances[0]: a JPEG of CMYK: TensorFlow does not read it as grey",
  });
  await expect(bytesOf(cmyk, { decoder: "tensorflow" }, where)).resolves.toHaveLength(29 * 21 * 3);
});

test.each([
  "colour.png",
  "palette-transparent.png",
  "alpha.png",
  "one-bit.png",
  "animated.gif",
  "lossless.webp",
  "colour.bmp",
])("TensorFlow has Pillow's pixels of %s", async (name) => {
  const file = readFixture(name);
  expect(await bytesOf(file, { decoder: "tensorflow" })).toEqual(await bytesOf(file, {}));
});

const OTHER = "TensorFlow's decode_image makes other pixels of it";
const NONE = "TensorFlow's decode_image does not read it";
const grey = { mode: "L" };

test.each([
  ["colour.png", grey, `png: colours read as grey: ${OTHER}`],
  ["grey-16-bit.png", {}, `png: 16 bits of grey: ${OTHER}`],
  ["animated.gif", grey, `gif: read as grey: ${NONE}`],
  ["lossless.webp", grey, `webp: read as grey: ${NONE}`],
  ["alpha.webp", {}, `webp: alpha or an animation: ${NONE}`],
  ["colour.bmp", grey, `bmp: read as grey: ${NONE}`],
  ["lzw.tiff", {}, `tiff: ${NONE}`],
  ["colour.avif", {}, `avif: ${NONE}`],
])("what TensorFlow does not read, or reads otherwise, is a 415: %s %o", async (name, mode, message) => {
  const reading = bytesOf(readFixture(name), { decoder: "tensorflow", ...mode });
  await expect(reading).rejects.toMatchObject({ status: 415, message: expect.stringContaining(message) });
});

test("a GIF with a transparent colour and a BMP with a palette are a 415", async () => {
  const gif = Buffer.from("R0lGODlhAQABAIAAAP8AAAAAACH5BAEAAAEALAAAAAABAAEAAAICRAEAOw==", "base64");
  await expect(bytesOf(gif, { decoder: "tensorflow" })).rejects.toThrow(`gif: a transparent colour, or a frame`);
  const bmp = Buffer.alloc(62 + 8);
  bmp.write("BM");
  for (const [at, value] of [
    [2, bmp.length],
    [10, 62],
    [14, 40],
    [18, 1],
    [22, 1],
    [26, 0x1_0001],
    [54, 0xff_00_00],
    [58, 0x00_00_ff],
  ] as const) {
    bmp.writeUInt32LE(value, at);
  }
  await expect(bytesOf(bmp, {})).resolves.toHaveLength(3);
  await expect(bytesOf(bmp, { decoder: "tensorflow" })).rejects.toThrow("bmp: a palette, 16 bits a pixel");
});

test("an image of somebody's own making is not decoded otherwise in silence", async () => {
  const { decodeAsTensorflow: _, ...own }: Image = await openImage(colour);
  const pipeline = createImagePipeline({ decode: { decoder: "tensorflow" }, ...AS_BYTES });
  await expect(pipeline.run("x", [own])).rejects.toMatchObject({ code: "internal" });
});

test("Keras' image_dataset_from_directory decodes by TensorFlow, its load_img by Pillow", () => {
  const decoderOf = (loader: string) => readKerasPreprocessing({ loader }).decode.decoder;
  expect(["image_dataset_from_directory", "load_img"].map(decoderOf)).toEqual(["tensorflow", "pillow"]);
});

test("TensorFlow turns no pictures: both together are a fault of the pipeline", () => {
  expect(() => parseImagePipeline({ decode: { decoder: "tensorflow", orientation: "exif" }, steps: [] })).toThrow(
    "pipeline: decode.orientation: TensorFlow does not turn pictures: expected ignore",
  );
});
