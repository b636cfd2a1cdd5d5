import { z } from "zod";
import { clip, elementwise } from "./elementwise.ts";
import { assertFinite, assertLength, assertNumbers, type CreateStep, type StepSchema } from "./step.ts";

/** scikit-learn's MinMaxScaler: x * scale + min. */
export interface MinMaxScalerStep {
  readonly kind: "min_max_scaler";
  /** `scale_` */
  readonly scale: readonly number[];
  /** `min_` */
  readonly min: readonly number[];
  /** `feature_range`, for `clip=True`. */
  readonly clip?: readonly [low: number, high: number] | undefined;
}

export const minMaxScalerSchema = (): StepSchema<MinMaxScalerStep> =>
  z.strictObject({
    kind: z.literal("min_max_scaler"),
    scale: z.array(z.number()),
    min: z.array(z.number()),
    clip: z.tuple([z.number(), z.number()]).optional(),
  });

export const createMinMaxScaler: CreateStep<MinMaxScalerStep> = (specification, inputs, report) => {
  const { kind, scale, min, clip: range } = specification;
  assertNumbers(inputs, kind, report);
  assertLength(scale, inputs.length, ["scale"], report);
  assertLength(min, inputs.length, ["min"], report);
  if (range !== undefined && range[0] > range[1]) {
    report(["clip"], `expected the lower bound first, got ${range[0]} and ${range[1]}`);
  }
  return {
    outputs: inputs,
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing passes");
      const scaled = elementwise(columns, scale, (value, by) => value * by);
      return clip(
        elementwise(scaled, min, (value, by) => value + by),
        range,
      );
    },
  };
};
