import { type OpencvResample, resizeOpencv } from "../../../src/image/backend/opencv/resize.ts";
import { sha256 } from "../shared-clothing.ts";
import { describeCase, readGoldenCases, sourceOf } from "./resize-cases.ts";

const { library, cases } = readGoldenCases("opencv");

/** One value of each is a tie that Intel's IPP rounds to its other neighbour. */
const TIES = ["78×29×4 to 33×27, cubic", "49×95×4 to 77×76, cubic"];

test(`every interpolation has the bytes of ${library}, two ties of cubic aside`, () => {
  expect(cases.length).toBe(24 * 5);
  const wrong = cases.filter((one) => {
    const { data } = resizeOpencv(sourceOf(one), ...one.to, one.method as OpencvResample);
    return sha256(data) !== one.sha256;
  });
  expect(wrong.map(describeCase)).toEqual(TIES);
});
