import { expect, test } from "@jest/globals";
import { createTensor, type Tensor } from "kserve-transformer/tensor";
import { type TensorTolerance, tensorMatchers } from "kserve-transformer/testing";

declare module "expect" {
  interface Matchers<R extends void | Promise<void>> {
    toBeCloseToTensor(expected: Tensor, options?: TensorTolerance): R;
    toHaveScores(expected: Readonly<Record<string, number>>, tolerance?: number): R;
  }
}

expect.extend(tensorMatchers);

test("jest's expect takes the matchers, with the types that the page writes", () => {
  const scores = createTensor("scores", "FP32", [2], new Float32Array([0.5, 0.25]));
  expect(scores).toBeCloseToTensor(scores, { tolerance: 0 });
  expect({ dress: 0.5 }).toHaveScores({ dress: 0.51 }, 0.02);
  expect({ dress: 0.5 }).not.toHaveScores({ dress: 0.6 }, 0.02);
});
