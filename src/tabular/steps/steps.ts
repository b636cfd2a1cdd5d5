import { z } from "zod";
import { type ColumnsStep, columnsSchema, createColumns } from "./columns.ts";
import { createOneHotEncoder, type OneHotEncoderStep, oneHotEncoderSchema } from "./one-hot-encoder.ts";
import { createSimpleImputer, type SimpleImputerStep, simpleImputerSchema } from "./simple-imputer.ts";
import { createStandardScaler, type StandardScalerStep, standardScalerSchema } from "./standard-scaler.ts";
import type { ColumnKind, ReportFault, Step } from "./step.ts";

/** Every kind of step that a specification may have. */
export type StepSpecification =
  | ColumnsStep<StepSpecification>
  | OneHotEncoderStep
  | SimpleImputerStep
  | StandardScalerStep;

/** Form of a list of steps. */
export function stepsSchema(): z.ZodType<StepSpecification[]> {
  const step: z.ZodType<StepSpecification> = z.discriminatedUnion("kind", [
    columnsSchema<StepSpecification>(() => list),
    oneHotEncoderSchema(),
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
    case "one_hot_encoder":
      return createOneHotEncoder(specification, inputs, report);
    case "simple_imputer":
      return createSimpleImputer(specification, inputs, report);
    case "standard_scaler":
      return createStandardScaler(specification, inputs, report);
  }
}
