import { sigmoid, softmaxRow } from "../../tensor/activations.ts";
import type { PredictorResponse } from "../predictor-response.ts";
import { toShares } from "../to-shares.ts";
import type { ScoringModel } from "./pipeline-specification.ts";

/** Scores vectors as scikit-learn's (1.9) linear models do: classes are decided by the scores, not by rounded probabilities. */
export function predictScores(model: ScoringModel, vectors: readonly (readonly number[])[]): PredictorResponse {
  const { coefficients, intercepts, link } = model;
  const scores = vectors.map((vector) =>
    coefficients.map((row, index) => dot(row, vector) + (intercepts[index] as number)),
  );
  if (link === "value") return { kind: "values", values: scores.map(([score]) => score as number) };
  const classes = scores.map(likeliest);
  if (link === "label") return { kind: "classes", classes };
  const toProbabilities = { logistic: byLogistic, softmax: softmaxRow, modified_huber: byModifiedHuber }[link];
  return { kind: "probabilities", probabilities: scores.map(toProbabilities), classes };
}

/** Scores of each vector, before the intercepts are added. */
export function dot(row: readonly number[], vector: readonly number[]): number {
  let score = 0;
  for (let i = 0; i < row.length; i++) score += (row[i] as number) * (vector[i] as number);
  return score;
}

/** One score decides by its sign, more by the largest, the first of equals. */
function likeliest(scores: readonly number[]): number {
  if (scores.length === 1) return (scores[0] as number) > 0 ? 1 : 0;
  return scores.reduce((best, score, place) => (score > (scores[best] as number) ? place : best), 0);
}

function byLogistic(scores: readonly number[]): number[] {
  const each = scores.map(sigmoid);
  return each.length === 1 ? [1 - (each[0] as number), each[0] as number] : toShares(each);
}

function byModifiedHuber(scores: readonly number[]): number[] {
  const each = scores.map((score) => (Math.min(Math.max(score, -1), 1) + 1) / 2);
  return each.length === 1 ? [1 - (each[0] as number), each[0] as number] : toShares(each);
}
