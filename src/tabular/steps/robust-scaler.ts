import { z } from "zod";
import { divide, elementwise } from "./elementwise.ts";
import { assertFinite, assertLength, assertNumbers, type CreateStep, type StepSchema } from "./step.ts";

/** scikit-learn's RobustScaler: (x - center) / scale. `quantile_range` and `unit_variance` are in the scale already. */
export interface RobustScalerStep {
  readonly kind: "robust_scaler";
  /** `center_`; absent for `with_centering=False`. */
  readonly center?: readonly number[] | undefined;
  /** `scale_`; absent for `with_scaling=False`. */
  readonly scale?: readonly number[] | undefined;
  /** The scaler works on sparse rows: scikit-learn then multiplies by 1 / scale, whose last bit may differ. */
  readonly sparse?: boolean | undefined;
}

export const robustScalerSchema = (): StepSchema<RobustScalerStep> =>
  z.strictObject({
    kind: z.literal("robust_scaler"),
    center: z.array(z.number()).optional(),
    scale: z.array(z.number()).optional(),
    sparse: z.boolean().optional(),
  });

export const createRobustScaler: CreateStep<RobustScalerStep> = ({ kind, center, scale, sparse }, inputs, report) => {
  assertNumbers(inputs, kind, report);
  assertLength(center, inputs.length, ["center"], report);
  assertLength(scale, inputs.length, ["scale"], report);
  return {
    outputs: inputs,
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing passes");
      const centred = elementwise(columns, center, (value, by) => value - by);
      return [...divide(centred, scale, sparse)];
    },
  };
};
