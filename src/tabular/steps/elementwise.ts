import type { Column } from "./step.ts";

/** Each value with its column's own number: `value - by`, one operation over all, as numpy does. */
export function elementwise(
  columns: readonly Column[],
  values: readonly number[] | undefined,
  operation: (value: number, by: number) => number,
): readonly Column[] {
  if (values === undefined) return columns;
  return columns.map((column, index) => {
    const by = values[index] as number;
    return Float64Array.from(column as Float64Array, (value) => operation(value, by));
  });
}

/** Values by their column's scale; on sparse rows by its reciprocal, as scikit-learn does there. */
export function divide(
  columns: readonly Column[],
  scale: readonly number[] | undefined,
  sparse: boolean | undefined,
): readonly Column[] {
  if (sparse !== true) return elementwise(columns, scale, (value, by) => value / by);
  return elementwise(
    columns,
    scale?.map((value) => 1 / value),
    (value, by) => value * by,
  );
}

/** Values cut to a range; NaN stays. */
export function clip(columns: readonly Column[], range: readonly [low: number, high: number] | undefined): Column[] {
  if (range === undefined) return [...columns];
  const [low, high] = range;
  return columns.map((column) => (column as Float64Array).map((value) => Math.min(Math.max(value, low), high)));
}
