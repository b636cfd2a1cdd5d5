import { InferenceError } from "../../src/errors.ts";
import { openImage } from "../../src/image/open-image.ts";
import { describeWithShared, readShared, sha256, sharedValues } from "./shared-clothing.ts";

interface Described {
  readonly rgb?: { readonly shape: readonly number[]; readonly sha256: string };
}

/** What each file that is no good image is answered with: status, and words that say why. */
const REFUSED: Readonly<Record<string, readonly [number, string]>> = {
  "bomb-20000x20000.png": [413, "image of 20000 × 20000 pixels: larger than the limit of 50000000 pixels"],
  "empty.jpg": [415, "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got nothing (0 bytes)"],
  "error-page.jpg": [415, "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got an HTML page"],
  "external.svg": [415, "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got an SVG"],
  "header-only.jpg": [400, "the jpeg data is broken or incomplete"],
  "text.jpg": [415, "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got text"],
  "truncated.jpg": [400, "the jpeg data is broken or incomplete"],
};
/** Pillow and libvips convert AVIF's colours by different arithmetic. */
const CLOSE = ["photo.avif"];

async function decode(file: string) {
  return (await openImage(readShared("odd", file))).decode();
}

describeWithShared("odd files", () => {
  const odd = sharedValues<Described>("reference", "odd.json");
  const equal = Object.keys(odd).filter((file) => !(file in REFUSED) && !CLOSE.includes(file));

  test.each(equal)("%s has the pixels of Pillow's convert('RGB')", async (file) => {
    const pixels = await decode(file);
    expect([pixels.height, pixels.width, 3]).toEqual(odd[file]?.rgb?.shape);
    expect(sha256(pixels.data)).toBe(odd[file]?.rgb?.sha256);
  });

  test.each(Object.entries(REFUSED))("%s is refused and the answer says why", async (file, [status, message]) => {
    const error = await decode(file).catch((reason: unknown) => reason);
    expect(InferenceError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ status, message });
  });
});
