import { invalidArgument } from "../errors.ts";
import type { TabularSpecification } from "./specification.ts";

/** Scores vectors by a model that is part of the specification. */
export interface LinearModel {
  /** One row for each vector with the probability of each class. */
  probabilities(vectors: readonly (readonly number[])[]): number[][];
}

/**
 * A logistic regression from its coefficients, as scikit-learn's `LogisticRegression.predict_proba` (1.9): the logistic
 * function for two classes, softmax for more; or each class against the rest, where the model was trained so.
 * @throws InferenceError invalid_argument when the specification has no `model`.
 */
export function createLinearModel({ model }: Pick<TabularSpecification, "model">): LinearModel {
  if (model === undefined) throw invalidArgument("the specification has no member 'model'");
  const { coefficients, intercepts, multi_class: rule } = model;
  const scoresOf = (vector: readonly number[]): number[] =>
    coefficients.map((row, index) => {
      let score = 0;
      for (let i = 0; i < row.length; i++) score += (row[i] as number) * (vector[i] as number);
      return score + (intercepts[index] as number);
    });
  return {
    probabilities: (vectors) =>
      vectors.map((vector) => {
        const scores = scoresOf(vector);
        if (scores.length === 1) return logistic(scores[0] as number);
        return rule === "one_vs_rest" ? oneVsRest(scores) : softmax(scores);
      }),
  };
}

/** Both sides are computed from the exponential of a number ≤ 0, which keeps the small one exact. */
function logistic(score: number): number[] {
  const small = Math.exp(-Math.abs(score));
  const [less, more] = [small / (1 + small), 1 / (1 + small)];
  return score < 0 ? [more, less] : [less, more];
}

/** The logistic function of each score, divided by their sum. */
function oneVsRest(scores: readonly number[]): number[] {
  const each = scores.map((score) => logistic(score)[1] as number);
  const sum = each.reduce((total, value) => total + value, 0);
  // All of them vanish: scikit-learn (1.9) divides 0 by 0 here; a uniform answer would hide it.
  return each.map((value) => value / sum);
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
