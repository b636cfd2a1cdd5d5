import { z } from "zod";
import { divide, elementwise } from "./elementwise.ts";
import { assertFinite, assertLength, assertNumbers, type CreateStep, type StepSchema } from "./step.ts";

/** scikit-learn's StandardScaler: (x - mean) / scale. */
export interface StandardScalerStep {
  readonly kind: "standard_scaler";
  /** `mean_`; absent for `with_mean=False`. */
  readonly mean?: readonly number[] | undefined;
  /** `scale_`; absent for `with_std=False`. */
  readonly scale?: readonly number[] | undefined;
  /** The scaler works on sparse rows: scikit-learn then multiplies by 1 / scale, whose last bit may differ. */
  readonly sparse?: boolean | undefined;
}

export const standardScalerSchema = (): StepSchema<StandardScalerStep> =>
  z.strictObject({
    kind: z.literal("standard_scaler"),
    mean: z.array(z.number()).optional(),
    scale: z.array(z.number()).optional(),
    sparse: z.boolean().optional(),
  });

export const createStandardScaler: CreateStep<StandardScalerStep> = ({ kind, mean, scale, sparse }, inputs, report) => {
  assertNumbers(inputs, kind, report);
  assertLength(mean, inputs.length, ["mean"], report);
  assertLength(scale, inputs.length, ["scale"], report);
  return {
    outputs: inputs,
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing passes");
      const centred = elementwise(columns, mean, (value, by) => value - by);
      return [...divide(centred, scale, sparse)];
    },
  };
};
