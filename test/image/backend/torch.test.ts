import { resizeTorch, type TorchResample } from "../../../src/image/backend/torch/resize.ts";
import { sha256 } from "../shared-clothing.ts";
import { describeCase, readGoldenCases, sourceOf } from "./resize-cases.ts";

const { library, cases } = readGoldenCases("torch");

test(`every interpolation has the bytes of ${library}, antialiased and not`, () => {
  expect(cases.length).toBe(24 * 7);
  const wrong = cases.filter((one) => {
    const { data } = resizeTorch(sourceOf(one), ...one.to, one.method as TorchResample, one.antialias);
    return sha256(data) !== one.sha256;
  });
  expect(wrong.map(describeCase)).toEqual([]);
});

test("Lanczos without antialiasing is refused, as torchvision refuses it", () => {
  const raster = { width: 2, height: 2, channels: 1, data: new Uint8Array(4) };
  expect(() => resizeTorch(raster, 1, 1, "lanczos", false)).toThrow("torch: lanczos needs antialias");
});
