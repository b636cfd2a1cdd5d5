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
