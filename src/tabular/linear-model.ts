import { invalidArgument } from "../errors.ts";
import { softmaxRow } from "../tensor/activations.ts";
import type { VectorizerSpecification } from "./dictionary/vectorizer-specification.ts";
import type { PipelineSpecification } from "./pipeline/pipeline-specification.ts";
import { dot, predictScores } from "./pipeline/scoring-model.ts";
import type { PredictorResponse } from "./predictor-response.ts";
import { toShares } from "./to-shares.ts";

/** Scores vectors by a model that is part of the specification. */
export interface LinearModel {
  /**
   * One row for each vector with the probability of each class.
   * @throws InferenceError invalid_argument for a model that has none: a regression, or labels alone.
   */
  probabilities(vectors: readonly (readonly number[])[]): number[][];
  /** What the model says of each vector: probabilities and classes, classes alone, or numbers. */
  predict(vectors: readonly (readonly number[])[]): PredictorResponse;
}

/**
 * A linear model from its coefficients, as scikit-learn (1.9) scores it. Version 1 of the specification has logistic regressions: the
 * logistic function for two classes, softmax for more; or each class against the rest, where the model was trained so. Version 2 has
 * regressions and every linear classifier.
 * @throws InferenceError invalid_argument when the specification has no `model`.
 */
export function createLinearModel(
  specification: Pick<VectorizerSpecification, "model"> | Pick<PipelineSpecification, "model">,
): LinearModel {
  const { model } = specification;
  if (model === undefined) throw invalidArgument("the specification has no member 'model'");
  if ("link" in model) {
    const predict = (vectors: readonly (readonly number[])[]): PredictorResponse => predictScores(model, vectors);
    return { predict, probabilities: (vectors) => probabilitiesOf(predict(vectors)) };
  }
  const { coefficients, intercepts, multi_class: rule } = model;
  const probabilities = (vectors: readonly (readonly number[])[]): number[][] =>
    vectors.map((vector) => {
      const scores = coefficients.map((row, index) => dot(row, vector) + (intercepts[index] as number));
      if (scores.length === 1) return logisticPair(scores[0] as number);
      return rule === "one_vs_rest" ? toShares(scores.map((score) => logisticPair(score)[1])) : softmaxRow(scores);
    });
  return {
    probabilities,
    predict: (vectors) => ({ kind: "probabilities", probabilities: probabilities(vectors) }),
  };
}

function probabilitiesOf(response: PredictorResponse): number[][] {
  if (response.kind === "probabilities") return response.probabilities;
  throw invalidArgument(`the specification's model has no probabilities, it gives ${response.kind}`);
}

/** Both sides are computed from the exponential of a number ≤ 0, which keeps the small one exact. */
function logisticPair(score: number): [number, number] {
  const small = Math.exp(-Math.abs(score));
  const [less, more] = [small / (1 + small), 1 / (1 + small)];
  return score < 0 ? [more, less] : [less, more];
}
