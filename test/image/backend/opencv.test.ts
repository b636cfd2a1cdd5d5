import { type OpencvResample, resizeOpencv } from "../../../src/image/backend/opencv/resize.ts";
import { sha256 } from "../shared-clothing.ts";
import { describeCase, readGoldenCases, sourceOf } from "./resize-cases.ts";

const { library, cases } = readGoldenCases("opencv");

test(`every interpolation has the bytes of ${library}`, () => {
  expect(cases.length).toBe(24 * 5);
  const wrong = cases.filter((one) => {
    const { data } = resizeOpencv(sourceOf(one), ...one.to, one.method as OpencvResample);
    return sha256(data) !== one.sha256;
  });
  expect(wrong.map(describeCase)).toEqual([]);
});
