/** To the nearest whole number, ties to the even one, as Python's `round` and numpy's. */
export function roundHalfToEven(value: number): number {
  const whole = Math.floor(value);
  if (value - whole !== 0.5) return Math.round(value);
  return whole % 2 === 0 ? whole : whole + 1;
}
