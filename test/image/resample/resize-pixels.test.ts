import { Buffer } from "node:buffer";
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

test("hamming weighs by Pillow's two float32 constants: float64 makes one of these bytes another", () => {
  const data = Buffer.from(
    "zJItb4JBCRW57bXe+s0kRnKUil/3UDK3wjiOkdi9tnBXl49CFpo+ok6LtQhAUHPNDh7AcDiMB3Jxshe4x65nWEE+qCCATENj/pKRwPK/4/X+s6f5KshQ5dM/" +
      "vnCIPEoCCevInd3HCykuCMji4r3j6Cwbiz73+Ju094g5hTnLqquESbYt4AFA7BW2y6737xp41GEqaFqTKKm99zYoCcQFNddDqyzPdDzGwCsCxiwCXxaJ07iE" +
      "opXvr92+Vu8/kxAnfgtU2IIe",
    "base64",
  );
  const { data: resized } = resizePixels({ width: 22, height: 3, data }, 5, 22, "hamming", 13);
  expect(sha256(resized)).toBe("aed33294c643d84139d47dbf1cb33ab0f897abea21efec7ad7b985af80753e28");
});
