import { loadImage } from "../../../src/image/load-images.ts";
import { readFixture } from "../image-fixtures.ts";

/** The uncompressed RGB fixture with the first value of some tags changed; values of two bytes, little-endian. */
function tiffWith(changes: Readonly<Record<number, number>>): Buffer {
  const bytes = Buffer.from(readFixture("turned-3.tiff"));
  const start = bytes.readUInt32LE(4);
  for (let entry = start + 2; entry < start + 2 + bytes.readUInt16LE(start) * 12; entry += 12) {
    const changed = changes[bytes.readUInt16LE(entry)];
    if (changed === undefined) continue;
    const outside = bytes.readUInt32LE(entry + 4) > 2;
    bytes.writeUInt16LE(changed, outside ? bytes.readUInt32LE(entry + 8) : entry + 8);
  }
  return bytes;
}

test.each([
  ["Zstandard", { 259: 50000 }, "a TIFF compressed with Zstandard: this kind of TIFF is not read"],
  ["LZMA", { 259: 34925 }, "a TIFF compressed with LZMA: this kind of TIFF is not read"],
  ["an unknown compression", { 259: 77 }, "a TIFF compressed with method 77: this kind of TIFF is not read"],
  ["CIELab", { 262: 8 }, "a TIFF with the colours CIELab: this kind of TIFF is not read"],
  ["YCbCr without JPEG", { 262: 6 }, "a TIFF with the colours YCbCr: this kind of TIFF is not read"],
  ["12 bits", { 258: 12 }, "a TIFF of 12 bits a sample: this kind of TIFF is not read"],
])("a sound TIFF of %s is unsupported, not broken", async (_, changes, message) => {
  await expect(loadImage({ bytes: tiffWith(changes) }, { fetch: noFetch })).rejects.toMatchObject({
    status: 415,
    message,
  });
});

test("a directory outside the file is broken data", async () => {
  const bytes = tiffWith({});
  bytes.writeUInt32LE(bytes.length, 4);
  await expect(loadImage({ bytes }, { fetch: noFetch })).rejects.toMatchObject({ status: 400 });
});

test("an orientation that libtiff refuses is none, and the file of the request stays as it was", async () => {
  const bytes = readFixture("turned-9.tiff");
  const before = Buffer.from(bytes);
  await (await loadImage({ bytes }, { fetch: noFetch })).decode();
  expect(bytes.equals(before)).toBe(true);
});

function noFetch(): never {
  throw new Error("nothing to download here");
}
