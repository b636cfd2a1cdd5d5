/** A class as the model names it. */
export type ClassName = string | number | boolean;

/** How a predictor is asked and read. */
export interface PredictorUse {
  /** Output to ask for and to read: `predict_proba` of MLServer. */
  readonly output?: string | undefined;
  /** What a predictor means that answers one value a row. @default "class" */
  readonly single_value: "class" | "probability";
}

/** What a client reads. */
export interface Answer {
  /** Of the response's members: `churn` and `churn_probability`. */
  readonly name: string;
  /** In the order of the model's probabilities. */
  readonly classes: readonly ClassName[];
  /** Two classes: the response is whether the second one's probability reaches this. */
  readonly threshold?: number | undefined;
}

/** Without classes the response is a number: `{"price": 12.5}`. */
export interface PipelineAnswer extends Omit<Answer, "classes"> {
  readonly classes?: Answer["classes"] | undefined;
}
