/** The logistic function of a score. */
export function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Probabilities from scores, one for each class. */
export function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Each value by their sum; equal shares where all are 0, as scikit-learn (1.9) answers. */
export function toShares(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum === 0 ? 1 / values.length : value / sum));
}
