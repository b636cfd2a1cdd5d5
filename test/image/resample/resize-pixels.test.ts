import type { Resample } from "../../../src/image/image.ts";
import { resizePixels } from "../../../src/image/resample/resize-pixels.ts";
import { computedPixels, EXPECTED } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

function resize(key: string, pillow?: 12 | 13) {
  const [, width, height, toWidth, toHeight, resample] = /^(\d+)x(\d+) (\d+)x(\d+) (\w+)$/.exec(key) ?? [];
  const pixels = computedPixels(Number(width), Number(height));
  const resized = resizePixels(pixels, Number(toWidth), Number(toHeight), resample as Resample, pillow);
  expect([resized.width, resized.height]).toEqual([Number(toWidth), Number(toHeight)]);
  return sha256(resized.data);
}

test.each(Object.entries(EXPECTED.resized))("%s is resized as Pillow 13.0 does", (key, expected) => {
  expect(resize(key)).toBe(expected);
});

test.each(Object.entries(EXPECTED.older))("%s is resized as Pillow 12 does where that is wanted", (key, expected) => {
  expect(resize(key, 12)).toBe(expected);
});
