import { join } from "node:path";
import { perspectiveTransformOpencv } from "../../../src/image/backend/opencv/perspective.ts";
import { warpPerspectiveOpencv } from "../../../src/image/backend/opencv/warp-perspective.ts";
import { sha256 } from "../shared-clothing.ts";
import { matrixOf, readWarpCases, warpOf } from "./warp-cases.ts";

/** Made by `warp_cases.py --shapes 60 --seed 7`. */
const { library, cases } = readWarpCases(join("test", "fixtures", "image", "warp", "opencv.json"));

test(`quadrilaterals laid flat have the bytes of ${library}`, () => {
  expect(cases.length).toBeGreaterThan(50);
  expect(cases.filter((one) => sha256(warpOf(one)) !== one.sha256).map(({ seed }) => seed)).toEqual([]);
});

test(`matrices between corners are ${library}'s to the last bit`, () => {
  for (const one of cases) expect(matrixOf(one)).toEqual(one.matrix);
});

test("corners on one line, matrices without an inverse and sides of no pixels are refused", () => {
  const flat = [
    [0, 0],
    [9, 0],
    [9, 9],
    [0, 9],
  ] as const;
  expect(() =>
    perspectiveTransformOpencv(
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [5, 0],
      ],
      flat,
    ),
  ).toThrow("three of them lie on one line");
  const raster = { width: 2, height: 2, channels: 1, data: new Uint8Array(4) };
  const whole = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  expect(() => warpPerspectiveOpencv(raster, [1, 1, 0, 1, 1, 0, 0, 0, 1], 2, 2)).toThrow("that has an inverse");
  expect(() => warpPerspectiveOpencv(raster, whole.slice(1), 2, 2)).toThrow("expected a 3 × 3 matrix");
  expect(() => warpPerspectiveOpencv(raster, whole, 0, 2)).toThrow("width: expected a positive whole number of pixels");
  expect(() => warpPerspectiveOpencv(raster, whole, 2, 1.5)).toThrow("height: expected a positive whole number");
});
