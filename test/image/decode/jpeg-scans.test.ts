import { countJpegScans } from "../../../src/image/decode/jpeg-scans.ts";
import { openImage } from "../../../src/image/open-image.ts";
import { readFixture } from "../image-fixtures.ts";

/** A progressive JPEG whose scans come `times` times. */
function repeatScans(times: number): Buffer {
  const jpeg = readFixture("progressive.jpg");
  const end = jpeg.lastIndexOf(Buffer.from([0xff, 0xd9]));
  const scans = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xda])), end);
  return Buffer.concat([jpeg.subarray(0, end), ...Array<Buffer>(times - 1).fill(scans), jpeg.subarray(end)]);
}

test.each([
  ["colour-444.jpg", 1],
  ["progressive.jpg", 10],
])("%s has %d scans", (file, scans) => {
  expect(countJpegScans(readFixture(file))).toBe(scans);
});

test("scans are counted across restarts, fill bytes and what stands in other segments", () => {
  const comment = [0xff, 0xfe, 0, 6, 0xff, 0xda, 0xff, 0xd9];
  const scan = [0xff, 0xff, 0xda, 0, 2, 1, 0xff, 0, 2, 0xff, 0xd0, 3];
  expect(countJpegScans(Uint8Array.from([0xff, 0xd8, ...comment, ...scan, ...scan, 0xff, 0xd9, ...scan]))).toBe(2);
});

test("the more pixels a JPEG has, the fewer scans it may have, so that the time to decode is bounded", async () => {
  const bytes = repeatScans(60);
  expect(countJpegScans(bytes)).toBe(600);
  await expect(openImage(bytes)).resolves.toMatchObject({ width: 29 });
  await expect(openImage(bytes, { maxPixels: 29 * 21 })).rejects.toMatchObject({
    status: 413,
    message: "JPEG of 600 scans: more than the limit of 20 for 609 pixels",
  });
  await expect(openImage(readFixture("progressive.jpg"), { maxPixels: 29 * 21 })).resolves.toMatchObject({ width: 29 });
});
