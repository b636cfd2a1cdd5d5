/** Three digits that say something: `0.412`, `4.12`, `41.2`, `412`, `4120`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value === 0 ? "0" : value.toFixed(digits);
}
