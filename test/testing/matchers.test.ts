import { createTensor } from "../../src/tensor/tensor.ts";
import { tensorMatchers } from "../../src/testing/index.ts";

const { toBeCloseToTensor, toHaveScores } = tensorMatchers;
const floats = (...values: number[]) => createTensor("y", "FP32", [1, values.length], new Float32Array(values));

describe("toBeCloseToTensor", () => {
  test("takes what is within the tolerance, NaN for NaN", () => {
    const result = toBeCloseToTensor(floats(1, Number.NaN), floats(1.0005, Number.NaN), { tolerance: 1e-3 });
    expect(result.pass).toBe(true);
    expect(result.message()).toContain("expected a tensor other than");
  });

  test("says which values differ, where, and by how much", () => {
    const { pass, message } = toBeCloseToTensor(floats(1, 2, 3), floats(1, 2.5, 4));
    expect([pass, message()]).toEqual([
      false,
      "2 of 3 values of 'y' FP32 [1, 3] differ by more than 0.000001, by 1 at the most:\n" +
        "  [0, 1]: expected 2.5, got 2\n  [0, 2]: expected 4, got 3",
    ]);
  });

  test("names another form before any value", () => {
    const { message } = toBeCloseToTensor(floats(1), createTensor("y", "INT64", [1], new BigInt64Array([1n])));
    expect(message()).toBe("expected a tensor 'y' INT64 [1], got 'y' FP32 [1, 1]");
  });

  test("compares integers and texts exactly", () => {
    const big = (value: bigint) => createTensor("y", "INT64", [1], new BigInt64Array([value]));
    expect(toBeCloseToTensor(big(2n ** 60n), big(2n ** 60n + 1n)).pass).toBe(false);
    const text = (value: string) => createTensor("y", "BYTES", [1], [new TextEncoder().encode(value)]);
    expect(toBeCloseToTensor(text("a"), text("b"), { tolerance: 10 }).message()).toContain('expected "b", got "a"');
  });
});

test("toHaveScores names the labels that differ and those that there are", () => {
  expect(toHaveScores({ pants: 0.99, hat: 0.01 }, { pants: 0.985 }).pass).toBe(true);
  const { pass, message } = toHaveScores({ pants: 0.5 }, { pants: 0.9, hat: 0.1 });
  expect([pass, message()]).toEqual([
    false,
    "scores differ:\n  pants: expected 0.9 ± 0.01, got 0.5\n  hat: expected 0.1 ± 0.01, got undefined\nlabels there are: pants",
  ]);
});

test("they work as a runner's matchers", () => {
  expect.extend(tensorMatchers as never);
  const extended = expect as unknown as (value: unknown) => { toHaveScores(scores: object): void };
  expect(() => extended({ a: 0.1 }).toHaveScores({ a: 0.9 })).toThrow("scores differ");
});
