import { z } from "zod";
import { clip, divide } from "./elementwise.ts";
import { assertFinite, assertLength, assertNumbers, type CreateStep, type StepSchema } from "./step.ts";

/** scikit-learn's MaxAbsScaler: x / scale. */
export interface MaxAbsScalerStep {
  readonly kind: "max_abs_scaler";
  /** `scale_` */
  readonly scale: readonly number[];
  /** Cut to -1 and 1. */
  readonly clip?: boolean | undefined;
  /** The scaler works on sparse rows: scikit-learn then multiplies by 1 / scale, whose last bit may differ. */
  readonly sparse?: boolean | undefined;
}

export const maxAbsScalerSchema = (): StepSchema<MaxAbsScalerStep> =>
  z.strictObject({
    kind: z.literal("max_abs_scaler"),
    scale: z.array(z.number()),
    clip: z.boolean().optional(),
    sparse: z.boolean().optional(),
  });

export const createMaxAbsScaler: CreateStep<MaxAbsScalerStep> = (specification, inputs, report) => {
  const { kind, scale, sparse } = specification;
  assertNumbers(inputs, kind, report);
  assertLength(scale, inputs.length, ["scale"], report);
  return {
    outputs: inputs,
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing passes");
      return clip(divide(columns, scale, sparse), specification.clip === true ? [-1, 1] : undefined);
    },
  };
};
