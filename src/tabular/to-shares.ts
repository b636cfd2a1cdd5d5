/** Each value by their sum; equal shares where all are 0, as scikit-learn (1.9) answers. */
export function toShares(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum === 0 ? 1 / values.length : value / sum));
}
