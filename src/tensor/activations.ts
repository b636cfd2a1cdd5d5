/** exp(x) / Σ exp(x), in float64; the largest value is subtracted first, so that nothing overflows. */
export function softmaxRow(values: readonly number[]): number[] {
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** 1 / (1 + exp(-x)), in float64. */
export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
