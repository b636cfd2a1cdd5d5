import type { PipelineAnswer, PredictorUse } from "../answer.ts";
import type { StepSpecification } from "../steps/steps.ts";

/** Version 2 of the file's form: named columns, fitted steps, and a linear model or a predictor behind them. */
export interface PipelineSpecification {
  readonly version: 2;
  /** Fields of a record, in the order in which the first step takes them. */
  readonly columns: readonly ColumnSpecification[];
  readonly steps: readonly StepSpecification[];
  /** Scores the vectors here; absent: a predictor gets them. */
  readonly model?: ScoringModel | undefined;
  readonly predictor: PredictorUse;
  readonly answer: PipelineAnswer;
}

export interface ColumnSpecification {
  readonly name: string;
  /** A boolean is 0 or 1 for the steps. */
  readonly type: "number" | "text" | "boolean";
}

/** Scores are the products of coefficients and vectors plus the intercepts. */
export interface ScoringModel {
  /** One row for a number or for two classes, else one row for each class. */
  readonly coefficients: readonly (readonly number[])[];
  readonly intercepts: readonly number[];
  /**
   * What becomes of the scores: `value`, a number; `label`, the class alone; and probabilities by the logistic function
   * (each class against the rest where there are more than two), by softmax, or by `modified_huber`, the scores cut to -1 and 1.
   */
  readonly link: "value" | "label" | "logistic" | "softmax" | "modified_huber";
}
