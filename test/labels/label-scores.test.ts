import { labelScores, topLabels } from "../../src/labels/label-scores.ts";
import { sigmoid, softmax } from "../../src/labels/softmax.ts";
import type { Datatype, TensorDataByDatatype } from "../../src/tensor/datatype.ts";
import { toBfloat16Array, toFloat16Array } from "../../src/tensor/elements/float16.ts";
import { createTensor } from "../../src/tensor/tensor.ts";

function output<D extends Datatype>(datatype: D, shape: readonly number[], data: TensorDataByDatatype[D]) {
  return createTensor("dense", datatype, shape, data);
}

const LABELS = ["dress", "hat", "pants"];

test("each row becomes an object of labels, in their order", () => {
  const scores = labelScores(output("FP64", [2, 3], Float64Array.of(0.1, 0.7, 0.2, 1, 0, 0)), LABELS);
  expect(scores).toEqual([
    { dress: 0.1, hat: 0.7, pants: 0.2 },
    { dress: 1, hat: 0, pants: 0 },
  ]);
  expect(Object.keys(scores[0] ?? {})).toEqual(LABELS);
});

test("a float32 reads as it is written, and reads back as the same float32", () => {
  const data = Float32Array.of(0.8, 1 / 3, 1e-30, -1.868_312, 16_777_217, 3.4028234663852886e38, 1.401298464324817e-45);
  const labels = Array.from(data, (_, index) => `label ${index}`);
  const [row] = labelScores(output("FP32", [1, data.length], data), labels);
  const values = Object.values(row ?? {});
  expect(values.slice(0, 3)).toEqual([0.8, 0.33333334, 1e-30]);
  expect(Float32Array.from(values)).toEqual(data);
});

test("every datatype of numbers is read", () => {
  expect(labelScores(output("FP16", [1, 3], toFloat16Array([0.5, 0.25, 0])), LABELS)).toEqual([
    { dress: 0.5, hat: 0.25, pants: 0 },
  ]);
  expect(labelScores(output("BF16", [1, 3], toBfloat16Array([0.5, 0.25, 0])), LABELS)).toEqual([
    { dress: 0.5, hat: 0.25, pants: 0 },
  ]);
  expect(labelScores(output("UINT8", [1, 3], Uint8Array.of(255, 1, 0)), LABELS)).toEqual([
    { dress: 255, hat: 1, pants: 0 },
  ]);
  expect(labelScores(output("INT64", [1, 3], BigInt64Array.of(-5n, 1n, 0n)), LABELS)).toEqual([
    { dress: -5, hat: 1, pants: 0 },
  ]);
});

test("an output without a dimension of rows is one row", () => {
  expect(labelScores(output("FP64", [3], Float64Array.of(1, 2, 3)), LABELS)).toEqual([{ dress: 1, hat: 2, pants: 3 }]);
});

test("no rows give no objects", () => {
  expect(labelScores(output("FP32", [0, 3], new Float32Array()), LABELS)).toEqual([]);
});

test("top keeps the best, best first", () => {
  const tensor = output("FP64", [1, 3], Float64Array.of(0.1, 0.7, 0.2));
  const [row] = labelScores(tensor, LABELS, { top: 2 });
  expect(Object.entries(row ?? {})).toEqual([
    ["hat", 0.7],
    ["pants", 0.2],
  ]);
  expect(topLabels(tensor, ["0", "1", "2"])).toEqual([
    [
      { label: "1", score: 0.7 },
      { label: "2", score: 0.2 },
      { label: "0", score: 0.1 },
    ],
  ]);
  expect(topLabels(tensor, LABELS, { top: 1, softmax: true })[0]).toEqual([
    { label: "hat", score: expect.closeTo(0.46396, 5) },
  ]);
});

describe("softmax", () => {
  test("gives the probabilities of logits, row by row", () => {
    // exp(1, 2, 3) / sum, and a row of equals.
    const probabilities = softmax(output("FP32", [2, 3], Float32Array.of(1, 2, 3, 5, 5, 5)));
    expect([probabilities.name, probabilities.datatype, probabilities.shape]).toEqual(["dense", "FP64", [2, 3]]);
    const expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218, 1 / 3, 1 / 3, 1 / 3];
    for (const [i, value] of probabilities.data.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 15);
  });

  test("does not overflow with large logits nor vanish with very small ones", () => {
    expect(Array.from(softmax(output("FP64", [2], Float64Array.of(1000, 1000))).data)).toEqual([0.5, 0.5]);
    expect(Array.from(softmax(output("FP64", [2], Float64Array.of(-1000, -1000))).data)).toEqual([0.5, 0.5]);
    expect(Array.from(softmax(output("FP64", [2], Float64Array.of(0, Number.NEGATIVE_INFINITY))).data)).toEqual([1, 0]);
  });

  test("is taken of the float32 itself, not of its short text", () => {
    const logits = Float32Array.of(0.1, 0.2, 0.3);
    const [row] = labelScores(output("FP32", [1, 3], logits), LABELS, { softmax: true });
    expect(Object.values(row ?? {})).toEqual(
      Array.from(softmax(output("FP64", [1, 3], Float64Array.from(logits))).data),
    );
  });
});

test.each<[string, () => unknown, string]>([
  [
    "more labels than scores",
    () => labelScores(output("FP32", [1, 2], new Float32Array(2)), LABELS),
    "output 'dense' of shape [1,2]: expected 3 scores a row, one a label, got 2",
  ],
  [
    "fewer labels than scores",
    () => topLabels(output("FP32", [1, 4], new Float32Array(4)), LABELS),
    "output 'dense' of shape [1,4]: expected 3 scores a row, one a label, got 4",
  ],
  [
    "text",
    () => softmax(output("BYTES", [1], [new Uint8Array()])),
    "output 'dense': expected numbers of shape [rows, labels], got BYTES of shape [1]",
  ],
  [
    "a scalar",
    () => labelScores(output("FP32", [], new Float32Array(1)), LABELS),
    "output 'dense': expected numbers of shape [rows, labels], got FP32 of shape []",
  ],
])("%s is the predictor's fault, and says what was expected", (_, run, message) => {
  expect(run).toThrow(expect.objectContaining({ status: 502, message }));
});

test("a label twice is an error of the configuration", () => {
  const run = () => labelScores(output("FP32", [1, 2], new Float32Array(2)), ["hat", "hat"]);
  expect(run).toThrow(expect.objectContaining({ status: 500, message: "label 'hat' is there twice" }));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a score of %d has no place among the best: 502", (value) => {
  const scores = output("FP32", [2, 3], Float32Array.of(1, 2, 3, 1, value, 3));
  expect(() => topLabels(scores, LABELS, { softmax: true })).toThrow(
    expect.objectContaining({
      code: "bad_gateway",
      message: `output 'dense': expected finite scores, got ${value} for label '${LABELS[1]}' of row 1`,
    }),
  );
});

test("sigmoid of halves is that of their numbers", () => {
  expect(sigmoid(output("FP16", [1, 2], Uint16Array.of(0x4000, 0))).data).toEqual(
    Float64Array.of(1 / (1 + Math.exp(-2)), 0.5),
  );
});
