import { readFileSync } from "node:fs";
import { createLinearModel } from "kserve-transformer/tabular";

const CHURN = new URL("../../examples/churn/", import.meta.url);
const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, CHURN), "utf8"));

test("two classes: the churn model's probabilities are Python's to 1e-12", () => {
  const { coefficients, intercept } = readJson("model.json");
  const { vectors, predict_proba } = readJson("expected.json");
  const probabilities = createLinearModel({
    model: { coefficients: [coefficients], intercepts: [intercept] },
  }).probabilities(vectors);
  expect(probabilities).toHaveLength(20);
  probabilities.forEach(([no, yes], row) => {
    expect(Math.abs((no as number) - predict_proba[row][0])).toBeLessThan(1e-12);
    expect(Math.abs((yes as number) - predict_proba[row][1])).toBeLessThan(1e-12);
  });
});

test("three classes: softmax, as scikit-learn 1.9.1 computed it", () => {
  const coefficients = [
    [0.23596126438695672, -0.008696659845372384, 0.00876233977038495],
    [-0.11911010166664503, -0.20271528315283216, 0.41398458658080883],
    [-0.1168511627203131, 0.21141194299820537, -0.4227469263511937],
  ];
  const intercepts = [-12.902287516149112, 5.8190270457608975, 7.083260470388119];
  const [row] = createLinearModel({ model: { coefficients, intercepts } }).probabilities([[0, 0, 0]]);
  [1.630588617301603e-9, 0.22024599229495226, 0.7797540060744591].forEach((expected, place) => {
    expect(Math.abs((row?.[place] as number) - expected)).toBeLessThan(1e-12);
  });
});

test("scores far from 0 give 0 and 1, never NaN, and small probabilities keep their digits", () => {
  const probabilitiesOf = (score: number) =>
    createLinearModel({ model: { coefficients: [[1]], intercepts: [0] } }).probabilities([[score]])[0];
  expect(probabilitiesOf(-1e4)).toEqual([1, 0]);
  expect(probabilitiesOf(1e4)).toEqual([0, 1]);
  expect(probabilitiesOf(40)?.[0]).toBeCloseTo(4.248354255291589e-18, 30);
});

test("a specification without a model is refused", () => {
  expect(() => createLinearModel({})).toThrow("no member 'model'");
});
