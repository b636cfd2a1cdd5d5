import { z } from "zod";
import { elementwise } from "./elementwise.ts";
import { assertNumbers, type Column, type ColumnKind, type ReportFault, type Step, type StepSchema } from "./step.ts";

/** scikit-learn's ColumnTransformer and FeatureUnion: steps over some of the columns, their outputs side by side. */
export interface ColumnsStep<Inner> {
  readonly kind: "columns";
  readonly branches: readonly {
    /** Places of its columns among those that come in. */
    readonly columns: readonly number[];
    /** None: the columns pass as they are. */
    readonly steps: readonly Inner[];
    /** `transformer_weights`: what comes out is multiplied by it. */
    readonly weight?: number | undefined;
  }[];
}

export function columnsSchema<Inner>(steps: () => z.ZodType<Inner[]>): StepSchema<ColumnsStep<Inner>> {
  const branch = z.strictObject({
    columns: z.array(z.number().int().min(0)),
    steps: z.lazy(steps).default([]),
    weight: z.number().optional(),
  });
  return z.strictObject({ kind: z.literal("columns"), branches: z.array(branch) });
}

export type CreateSteps<Inner> = (steps: readonly Inner[], inputs: readonly ColumnKind[], report: ReportFault) => Step;

export function createColumns<Inner>(
  { kind, branches }: ColumnsStep<Inner>,
  inputs: readonly ColumnKind[],
  report: ReportFault,
  createSteps: CreateSteps<Inner>,
): Step {
  const made = branches.map(({ columns, steps, weight }, index) => {
    const path = ["branches", index];
    for (const [place, column] of columns.entries()) {
      if (column >= inputs.length)
        report([...path, "columns", place], `there are ${inputs.length} columns, got ${column}`);
    }
    const known = columns.filter((column) => column < inputs.length);
    const chosen = known.map((column) => inputs[column] as ColumnKind);
    const chain = createSteps(steps, chosen, (at, message) => report([...path, "steps", ...at], message));
    if (weight !== undefined)
      assertNumbers(chain.outputs, `${kind} with a weight`, (at, message) => report([...path, ...at], message));
    return { columns: known, chain, weights: weight === undefined ? undefined : chain.outputs.map(() => weight) };
  });
  return {
    outputs: made.flatMap(({ chain }) => chain.outputs),
    apply: (values) =>
      made.flatMap(({ columns, chain, weights }) => {
        const outputs = chain.apply(columns.map((column) => values[column] as Column));
        return elementwise(outputs, weights, (value, by) => value * by);
      }),
  };
}
