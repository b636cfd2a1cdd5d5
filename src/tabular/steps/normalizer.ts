import { z } from "zod";
import { assertFinite, assertNumbers, type Column, type CreateStep, fieldsOf, type StepSchema } from "./step.ts";

/** scikit-learn's Normalizer: each row by its own norm. */
export interface NormalizerStep {
  readonly kind: "normalizer";
  readonly norm: "l1" | "l2" | "max";
  /** The rows are sparse: scikit-learn then leaves rows of zeros alone, and dense ones whose norm is hardly more than zero. */
  readonly sparse?: boolean | undefined;
}

export const normalizerSchema = (): StepSchema<NormalizerStep> =>
  z.strictObject({
    kind: z.literal("normalizer"),
    norm: z.enum(["l1", "l2", "max"]),
    sparse: z.boolean().optional(),
  });

/** Below this, scikit-learn takes a dense row's norm for zero. */
const LEAST_NORM = 10 * Number.EPSILON;

const NORMS: Readonly<Record<NormalizerStep["norm"], (row: readonly number[]) => number>> = {
  l1: (row) => row.reduce((sum, value) => sum + Math.abs(value), 0),
  l2: (row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)),
  max: (row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
};

export const createNormalizer: CreateStep<NormalizerStep> = ({ kind, norm, sparse }, inputs, report) => {
  assertNumbers(inputs, kind, report);
  const isZero = sparse === true ? (value: number) => value === 0 : (value: number) => value < LEAST_NORM;
  const normOf = NORMS[norm];
  return {
    outputs: inputs.map((input) => ({ type: "number", name: input.name, fields: fieldsOf([input, ...inputs]) })),
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing is refused");
      const norms = Array.from({ length: columns[0]?.length ?? 0 }, (_, row) => {
        const value = normOf(columns.map((column) => column[row] as number));
        return isZero(value) ? 1 : value;
      });
      return columns.map((column): Column => {
        return (column as Float64Array).map((value, row) => value / (norms[row] as number));
      });
    },
  };
};
