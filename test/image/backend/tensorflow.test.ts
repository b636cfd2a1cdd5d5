import { resizeTensorflow, type TensorflowResample } from "../../../src/image/backend/tensorflow/resize.ts";
import { sha256 } from "../shared-clothing.ts";
import { describeCase, readGoldenCases, sourceOf } from "./resize-cases.ts";

const { library, cases } = readGoldenCases("tensorflow");

test(`every method has the bits of ${library}, antialiased and not`, () => {
  expect(cases.length).toBe(24 * 12);
  const wrong = cases.filter((one) => {
    const [width, height] = one.to;
    const { data } = resizeTensorflow(sourceOf(one), width, height, one.method as TensorflowResample, one.antialias);
    return sha256(new Uint8Array(data.buffer)) !== one.sha256;
  });
  expect(wrong.map(describeCase)).toEqual([]);
});
