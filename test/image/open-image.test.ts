import { InferenceError } from "../../src/errors.ts";
import { openImage } from "../../src/image/open-image.ts";
import { EXPECTED, readFixture } from "./image-fixtures.ts";
import { sha256 } from "./shared-clothing.ts";

async function failureOf(bytes: Uint8Array): Promise<InferenceError> {
  const error = await openImage(bytes)
    .then((image) => image.decode())
    .catch((reason: unknown) => reason);
  expect(InferenceError.isInstance(error)).toBe(true);
  return error as InferenceError;
}

const exact = Object.entries(EXPECTED.decoded).filter(([file]) => !file.endsWith(".avif"));

test.each(exact)("%s has the pixels of Pillow's convert('RGB')", async (file, expected) => {
  const image = await openImage(readFixture(file));
  const pixels = await image.decode();
  expect([image.width, image.height]).toEqual(expected.size);
  expect([pixels.width, pixels.height]).toEqual(expected.size);
  expect(sha256(pixels.data)).toBe(expected.sha256);
});

test.each(Object.entries(EXPECTED.oriented))(
  "%s, turned as its EXIF orientation says, has the pixels of Pillow's exif_transpose",
  async (file, expected) => {
    const image = await openImage(readFixture(file), { autoOrient: true });
    const pixels = await image.decode();
    expect([image.width, image.height]).toEqual(expected.size);
    expect([pixels.width, pixels.height]).toEqual(expected.size);
    expect(sha256(pixels.data)).toBe(expected.sha256);
  },
);

test("an AVIF is decoded", async () => {
  const image = await openImage(readFixture("colour.avif"));
  expect(image).toMatchObject({ format: "avif", width: 29, height: 21 });
  expect((await image.decode()).data).toHaveLength(29 * 21 * 3);
});

test("libvips resizes while it decodes where it is asked to", async () => {
  const image = await openImage(readFixture("colour-444.jpg"));
  const pixels = await image.decode({ width: 10, height: 7, resample: "bilinear" });
  expect([pixels.width, pixels.height, pixels.data.length]).toEqual([10, 7, 210]);
});

describe("refused", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://169.254.169.254/"/></svg>';
  const expected = "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got";
  test.each<[string, Uint8Array, number, string]>([
    ["an SVG", Buffer.from(svg), 415, `${expected} an SVG`],
    [
      "an SVG after a declaration",
      Buffer.from(`\ufeff<?xml version="1.0"?>\n<!-- x -->${svg}`),
      415,
      `${expected} an SVG`,
    ],
    ["a compressed SVG", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 415, `${expected} 8 bytes of another kind`],
    ["a text that begins like a BMP", Buffer.from("BMW, and a few words more"), 415, `${expected} text`],
    ["an icon", iconOf(1), 415, `${expected} 30 bytes of another kind`],
    ["a cursor", iconOf(2), 415, `${expected} 30 bytes of another kind`],
    ["a PDF", Buffer.from("%PDF-1.7\n"), 415, `${expected} a PDF`],
    ["a HEIC", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), 415, `${expected} a HEIC`],
    ["an error page", Buffer.from("<!DOCTYPE html><title>404</title>"), 415, `${expected} an HTML page`],
    ["a text", Buffer.from("not found\n"), 415, `${expected} text`],
    ["nothing", new Uint8Array(), 415, `${expected} nothing (0 bytes)`],
    ["a JPEG cut short", readFixture("colour-444.jpg").subarray(0, 1200), 400, "the jpeg data is broken or incomplete"],
    ["a PNG cut short", readFixture("colour.png").subarray(0, 120), 400, "the png data is broken or incomplete"],
    ["a WebP cut short", readFixture("alpha.webp").subarray(0, 300), 400, "the webp data is broken or incomplete"],
    ["a GIF cut short", readFixture("animated.gif").subarray(0, 100), 400, "the gif data is broken or incomplete"],
    ["the first bytes of a JPEG", Buffer.from([0xff, 0xd8, 0xff]), 400, "the jpeg data is broken or incomplete"],
    [
      "a PNG signature before an SVG",
      Buffer.from(`\x89PNG\r\n\x1a\n${svg}`, "latin1"),
      400,
      "the png data is broken or incomplete",
    ],
    ["a GIF signature before an SVG", Buffer.from(`GIF89a${svg}`), 400, "the gif data is broken or incomplete"],
  ])("%s", async (_, bytes, status, message) => {
    expect(await failureOf(bytes)).toMatchObject({ status, message });
  });

  test("more pixels than allowed, before anything is decoded", async () => {
    // The header of a PNG of 65535 × 65535 pixels, 12 GB decoded, with no data behind it.
    const png = Buffer.from(readFixture("colour.png").subarray(0, 33));
    png.writeUInt32BE(65535, 16);
    png.writeUInt32BE(65535, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect(await failureOf(Buffer.concat([png, readFixture("colour.png").subarray(33)]))).toMatchObject({
      status: 413,
      message: "image of 65535 × 65535 pixels: larger than the limit of 50000000 pixels",
    });
    await expect(openImage(readFixture("colour.png"), { maxPixels: 608 })).rejects.toMatchObject({ status: 413 });
    await expect(openImage(readFixture("colour.png"), { maxPixels: 609 })).resolves.toMatchObject({ width: 29 });
  });
});

/** The head of an icon file (1) or a cursor (2): where a Targa would have its type, with a picture 24 bits deep if it were one. */
function iconOf(kind: number): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.set([0, 0, kind, 0, 1, 0, 16, 16, 0, 0, 0, 0, 24, 0, 1, 0, 24, 0, 22]);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
