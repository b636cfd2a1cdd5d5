import { InferenceError } from "../../../src/errors.ts";
import { openImage } from "../../../src/image/open-image.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

interface FormatFile {
  /** Base64. */
  readonly file: string;
  /** What Pillow made of it; null where it refuses. */
  readonly pixels: { readonly size: readonly [number, number]; readonly sha256: string } | null;
}

/** make_formats.py beside it says how it was made. */
const { files } = JSON.parse(readFixture("formats.json").toString("utf8")) as { files: Record<string, FormatFile> };
const read = Object.entries(files).filter(([, { pixels }]) => pixels !== null);
const refused = Object.entries(files).filter(([, { pixels }]) => pixels === null);

test.each(read)("%s has the pixels of Pillow's convert('RGB')", async (_, { file, pixels: expected }) => {
  const image = await openImage(Buffer.from(file, "base64"));
  const { width, height, data } = await image.decode();
  expect({ size: [image.width, image.height], sha256: sha256(data) }).toEqual(expected);
  expect([width, height]).toEqual(expected?.size);
});

test.each(refused)("%s is refused, as Pillow refuses it", async (name, { file }) => {
  const error = await openImage(Buffer.from(file, "base64"))
    .then((image) => image.decode())
    .catch((reason: unknown) => reason);
  expect(InferenceError.isInstance(error) && [error.status, error.message]).toEqual(REFUSALS[name] ?? broken(name));
});

const broken = (name: string) => [400, `the ${name.slice(0, 3)} data is broken or incomplete`];
const unread = (what: string) => [415, `a ${what}: this kind of ${what.slice(0, 3)} is not read`];
/** Sound files of a kind that Pillow does not read either; the others are broken. */
const REFUSALS: Readonly<Record<string, readonly (number | string)[]>> = {
  "bmp of 8 bits, a palette of 70000 colours": unread("BMP with a palette of 70000 colours"),
  "bmp of 16 bits, masks f00 f0 f": unread("BMP of 16 bits with the masks f00 f0 f"),
  "bmp of 32 bits, masks 3ff00000 ffc00 3ff 0": unread("BMP of 32 bits with the masks 3ff00000 ffc00 3ff 0"),
  "bmp of 24 bits, runs": unread("BMP of 24 bits in runs"),
  "bmp of 2 bits": unread("BMP of 2 bits a pixel"),
  "bmp compressed with JPEG": unread("BMP compressed with method 4"),
  "bmp with a header of 16 bytes": unread("BMP with a header of 16 bytes"),
  "tga of 8 bits without its map": unread("TGA of type 1 and 8 bits"),
  "tga of 8 bits of colour": unread("TGA of type 2 and 8 bits"),
  ...Object.fromEntries(
    [16, 24, 32].map((bits) => [
      `tga of colours with a map of ${bits}`,
      unread("TGA of type 2 and 24 bits with a colour map"),
    ]),
  ),
};

test("a 16-bit grey PNG with a transparent colour keeps its values, as Pillow's I;16 does", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAABEAAAAABjBedsAAAAAnRSTlMA/1uRIrUAAAATSURBVHicY2BgYDjB8J9RZ44DAAx+AtGp3UUiAAAAAElFTkSuQmCC",
    "base64",
  );
  const { data } = await (await openImage(png)).decode();
  expect(Array.from(data).filter((_, i) => i % 3 === 0)).toEqual([0, 200, 255, 255, 255]);
});

test("a sequence of AVIF pictures alone is unsupported, not broken", async () => {
  const sequence = Buffer.from("0000002c66747970617669730000000061766966617669736d736631000000080000000000", "hex");
  await expect(openImage(sequence)).rejects.toMatchObject({
    code: "unsupported_media_type",
    message: expect.stringContaining("sequence"),
  });
});
