import { readdirSync } from "node:fs";
import sharp from "sharp";
import { readJpegSize } from "../../../src/image/decode/jpeg-header.ts";
import { readFixture } from "../image-fixtures.ts";

const files = readdirSync(new URL("../../fixtures/image/", import.meta.url)).filter((name) => name.endsWith(".jpg"));

/** What libvips finds, undefined where it finds no header. */
async function metadataOf(bytes: Uint8Array): Promise<{ width: number; height: number; channels: number } | undefined> {
  return sharp(bytes, { limitInputPixels: false })
    .metadata()
    .then(
      ({ width, height, channels }) => ({ width, height, channels }),
      () => undefined,
    );
}

test.each(files)("%s has the size that libvips reads, or is left to it", async (file) => {
  const bytes = readFixture(file);
  const size = readJpegSize(bytes);
  const found = await metadataOf(bytes);
  if (found?.channels === 4) expect(size).toBeUndefined();
  if (size !== undefined) expect(found).toMatchObject({ ...size });
});

test("an ordinary photo is read without libvips", () => {
  expect(readJpegSize(readFixture("colour-444.jpg"))).toEqual({ width: 29, height: 21 });
  expect(readJpegSize(readFixture("progressive.jpg"))).toEqual({ width: 29, height: 21 });
});

test("headers with bytes changed or cut off have libvips' size, or none", async () => {
  const whole = readFixture("colour-444.jpg");
  const head = whole.indexOf(Buffer.from([0xff, 0xda]));
  let read = 0;
  for (let at = 2; at < head; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (at * 37 + 11) & 255;
    for (const bytes of [changed, whole.subarray(0, at)]) {
      const size = readJpegSize(bytes);
      const found = size && (await metadataOf(bytes));
      if (found === undefined) continue;
      read++;
      expect(found).toMatchObject({ ...size });
    }
  }
  expect(read).toBeGreaterThan(100);
});

test.each([
  ["a gain map or another picture in APP2", [0xff, 0xe2, 0, 6, 0x4d, 0x50, 0x46, 0]],
  ["XMP", [0xff, 0xe1, 0, 7, 0x68, 0x74, 0x74, 0x70, 0x3a]],
  ["a segment that nobody knows", [0xff, 0xe5, 0, 2]],
])("%s is left to libvips", (_what, segment) => {
  const bytes = readFixture("colour-444.jpg");
  expect(readJpegSize(Buffer.concat([bytes.subarray(0, 2), Buffer.from(segment), bytes.subarray(2)]))).toBeUndefined();
});

test.each([
  ["of 12 bits", 4, 12],
  ["whose height comes behind the first scan", 6, 0],
  ["of two components", 9, 2],
])("a frame %s is left to libvips", (_what, place, value) => {
  const bytes = Buffer.from(readFixture("colour-444.jpg"));
  bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + place] = value;
  expect(readJpegSize(bytes)).toBeUndefined();
});
