import { z } from "zod";
import { assertFinite, assertLength, type Column, type ColumnKind, type CreateStep, type StepSchema } from "./step.ts";

type Value = string | number | null;

/** scikit-learn's SimpleImputer, whatever its strategy. */
export interface SimpleImputerStep {
  readonly kind: "simple_imputer";
  /** What stands for a missing value; null for one that is missing in the record. */
  readonly missing_values: Value;
  /** `statistics_`, as what they are written into; null for a column that is left out since training saw no value of it. */
  readonly statistics: readonly Value[];
  /** Columns that get a column of 0 and 1 behind all others: whether the value was missing (`add_indicator`). */
  readonly indicators?: readonly number[] | undefined;
}

export const simpleImputerSchema = (): StepSchema<SimpleImputerStep> => {
  const value = z.union([z.string(), z.number(), z.null()]);
  return z.strictObject({
    kind: z.literal("simple_imputer"),
    missing_values: value.default(null),
    statistics: z.array(value),
    indicators: z.array(z.number().int().min(0)).optional(),
  });
};

export const createSimpleImputer: CreateStep<SimpleImputerStep> = (specification, inputs, report) => {
  const { kind, missing_values: marker, statistics, indicators = [] } = specification;
  assertLength(statistics, inputs.length, ["statistics"], report);
  for (const [index, { type, name }] of inputs.entries()) {
    const statistic = statistics[index] ?? null;
    if (statistic !== null && typeof statistic !== (type === "text" ? "string" : "number")) {
      report(
        ["statistics", index],
        `expected ${type === "text" ? "a text" : "a number"}, since the column '${name}' is ${type}`,
      );
    }
  }
  for (const [place, index] of indicators.entries()) {
    if (index >= inputs.length) report(["indicators", place], `there are ${inputs.length} columns, got ${index}`);
  }
  const kept = inputs.flatMap((_, index) => ((statistics[index] ?? null) === null ? [] : [index]));
  const isMissing = (value: Value): boolean =>
    marker === null ? value === null || Number.isNaN(value) : value === marker;
  return {
    outputs: [
      ...kept.map((index) => inputs[index] as ColumnKind),
      ...indicators.map((index): ColumnKind => {
        const { name, fields } = inputs[index] ?? { name: "", fields: [] };
        return { type: "number", name: `${name} is missing`, fields };
      }),
    ],
    apply: (columns) => {
      assertFinite(columns, inputs, kind, marker === null ? "missing passes" : "missing is refused");
      return [
        ...kept.map((index) => fill(columns[index] as Column, statistics[index] as Value, isMissing)),
        ...indicators.map((index) => {
          const column = columns[index] as Column;
          return Float64Array.from({ length: column.length }, (_, row) => Number(isMissing(column[row] as Value)));
        }),
      ];
    },
  };
};

function fill(column: Column, statistic: Value, isMissing: (value: Value) => boolean): Column {
  if (column instanceof Float64Array) return column.map((value) => (isMissing(value) ? Number(statistic) : value));
  return column.map((value) => (isMissing(value) ? String(statistic) : value));
}
