import { sha256 } from "../shared-clothing.ts";
import { describeCase, readGoldenCases, resizeAsPillow } from "./resize-cases.ts";

/** Made with 12 shapes. */
const { library, cases } = readGoldenCases("pillow");

test(`every kernel has the bytes of ${library}, of a part of the picture and reduced first too`, () => {
  expect(cases.length).toBe(12 * 30);
  const wrong = cases.filter((one) => sha256(resizeAsPillow(one).data) !== one.sha256);
  expect(wrong.map(describeCase)).toEqual([]);
});
