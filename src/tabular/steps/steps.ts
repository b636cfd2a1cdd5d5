import { z } from "zod";
import { type ColumnsStep, columnsSchema, createColumns } from "./columns.ts";
import { createKBinsDiscretizer, type KBinsDiscretizerStep, kBinsDiscretizerSchema } from "./k-bins-discretizer.ts";
import { createMaxAbsScaler, type MaxAbsScalerStep, maxAbsScalerSchema } from "./max-abs-scaler.ts";
import { createMinMaxScaler, type MinMaxScalerStep, minMaxScalerSchema } from "./min-max-scaler.ts";
import { createNormalizer, type NormalizerStep, normalizerSchema } from "./normalizer.ts";
import { createOneHotEncoder, type OneHotEncoderStep, oneHotEncoderSchema } from "./one-hot-encoder.ts";
import { createOrdinalEncoder, type OrdinalEncoderStep, ordinalEncoderSchema } from "./ordinal-encoder.ts";
import {
  createPolynomialFeatures,
  type PolynomialFeaturesStep,
  polynomialFeaturesSchema,
} from "./polynomial-features.ts";
import { createRobustScaler, type RobustScalerStep, robustScalerSchema } from "./robust-scaler.ts";
import { createSimpleImputer, type SimpleImputerStep, simpleImputerSchema } from "./simple-imputer.ts";
import { createStandardScaler, type StandardScalerStep, standardScalerSchema } from "./standard-scaler.ts";
import type { ColumnKind, ReportFault, Step } from "./step.ts";

/** Every kind of step that a specification may have. */
export type StepSpecification =
  | ColumnsStep<StepSpecification>
  | KBinsDiscretizerStep
  | MaxAbsScalerStep
  | MinMaxScalerStep
  | NormalizerStep
  | OneHotEncoderStep
  | OrdinalEncoderStep
  | PolynomialFeaturesStep
  | RobustScalerStep
  | SimpleImputerStep
  | StandardScalerStep;

/** Form of a list of steps. */
export function stepsSchema(): z.ZodType<StepSpecification[]> {
  const step: z.ZodType<StepSpecification> = z.discriminatedUnion("kind", [
    columnsSchema<StepSpecification>(() => list),
    kBinsDiscretizerSchema(),
    maxAbsScalerSchema(),
    minMaxScalerSchema(),
    normalizerSchema(),
    oneHotEncoderSchema(),
    ordinalEncoderSchema(),
    polynomialFeaturesSchema(),
    robustScalerSchema(),
    simpleImputerSchema(),
    standardScalerSchema(),
  ]);
  const list = z.array(step);
  return list;
}

/** Steps one after the other. */
export function createSteps(
  specifications: readonly StepSpecification[],
  inputs: readonly ColumnKind[],
  report: ReportFault,
): Step {
  let outputs = inputs;
  const steps = specifications.map((specification, index) => {
    const step = createStep(specification, outputs, (path, message) => report([index, ...path], message));
    outputs = step.outputs;
    return step;
  });
  return { outputs, apply: (columns) => steps.reduce((now, step) => step.apply(now), [...columns]) };
}

function createStep(specification: StepSpecification, inputs: readonly ColumnKind[], report: ReportFault): Step {
  switch (specification.kind) {
    case "columns":
      return createColumns(specification, inputs, report, createSteps);
    case "k_bins_discretizer":
      return createKBinsDiscretizer(specification, inputs, report);
    case "max_abs_scaler":
      return createMaxAbsScaler(specification, inputs, report);
    case "min_max_scaler":
      return createMinMaxScaler(specification, inputs, report);
    case "normalizer":
      return createNormalizer(specification, inputs, report);
    case "one_hot_encoder":
      return createOneHotEncoder(specification, inputs, report);
    case "ordinal_encoder":
      return createOrdinalEncoder(specification, inputs, report);
    case "polynomial_features":
      return createPolynomialFeatures(specification, inputs, report);
    case "robust_scaler":
      return createRobustScaler(specification, inputs, report);
    case "simple_imputer":
      return createSimpleImputer(specification, inputs, report);
    case "standard_scaler":
      return createStandardScaler(specification, inputs, report);
  }
}
