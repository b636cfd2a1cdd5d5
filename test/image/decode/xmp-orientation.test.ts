import { openImage } from "../../../src/image/open-image.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

/** A picture of five by three pixels with an orientation in XMP alone, and what Pillow 13's `ImageOps.exif_transpose` makes of it. */
const files: readonly { file: string; size: number[]; sha256: string; what: string }[] = JSON.parse(
  readFixture("xmp.json").toString("utf8"),
);

test.each(files)("$what, with autoOrient as exif_transpose turns it", async ({ file, size, sha256: expected }) => {
  const image = await openImage(Buffer.from(file, "base64"), { autoOrient: true });
  const { width, height, data } = await image.decode();
  expect([image.width, image.height, width, height]).toEqual([...size, ...size]);
  expect(sha256(data).startsWith(expected)).toBe(true);
});

test("without autoOrient it is not turned", async () => {
  for (const { file } of files) {
    expect(await openImage(Buffer.from(file, "base64"))).toMatchObject({ width: 5, height: 3 });
  }
});

test("an AVIF that its container turns is not turned again by XMP, as in exif_transpose", async () => {
  const image = await openImage(readFixture("turned-twice.avif"), { autoOrient: true });
  expect([image.width, image.height]).toEqual([40, 64]);
});
