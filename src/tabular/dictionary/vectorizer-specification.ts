import type { Answer, PredictorUse } from "../answer.ts";

/** Everything between a record and its response but the model itself; version 1 of the file's form. */
export interface VectorizerSpecification {
  readonly version: 1;
  readonly vectorizer: {
    /** In the order of the vector: `name` of a number, `name=value` of a category. */
    readonly feature_names: readonly string[];
    /** @default "=" */
    readonly separator: string;
    /** @default "float64" */
    readonly dtype: "float64" | "float32";
  };
  readonly scaler?: Scaler | undefined;
  /** Several, in the order in which they are applied. */
  readonly scalers?: readonly Scaler[] | undefined;
  /** A logistic regression: one row of coefficients for two classes, else one row for each class. */
  readonly model?:
    | {
        readonly coefficients: readonly (readonly number[])[];
        readonly intercepts: readonly number[];
        /** More than two classes: softmax of the scores, or each class against the rest. @default "multinomial" */
        readonly multi_class?: "multinomial" | "one_vs_rest" | undefined;
      }
    | undefined;
  /**
   * Where probabilities come from: `predictor` asks it and falls back to `model` where it answers classes alone,
   * `coefficients` asks no predictor. @default "predictor"
   */
  readonly probabilities: "predictor" | "coefficients";
  readonly predictor: PredictorUse;
  readonly answer: Answer;
  /** What happens to a field of the wrong type: a 400, or what scikit-learn makes of it. @default "checked" */
  readonly records: "checked" | "as_scikit_learn";
}

export type Scaler = StandardScaler | MinMaxScaler;

/** scikit-learn's StandardScaler: (x - mean) / scale, or x * (1 / scale) of a sparse matrix. */
interface StandardScaler {
  readonly kind: "standard";
  /** `mean_`; absent for `with_mean=False`. */
  readonly mean?: readonly number[] | undefined;
  /** `scale_`; absent for `with_std=False`. */
  readonly scale?: readonly number[] | undefined;
  /** The matrix is sparse, as `DictVectorizer` makes it by default: there is no `mean` then. @default false */
  readonly sparse?: boolean | undefined;
}

/** scikit-learn's MinMaxScaler: x * scale + min. */
interface MinMaxScaler {
  readonly kind: "min_max";
  /** `scale_` */
  readonly scale: readonly number[];
  /** `min_` */
  readonly min: readonly number[];
  /** `feature_range` for `clip=True`: the bounds that values are cut to. */
  readonly clip?: readonly [number, number] | undefined;
}

/** The scalers in their order, one or several. */
export function scalersOf({ scaler, scalers }: Pick<VectorizerSpecification, "scaler" | "scalers">): readonly Scaler[] {
  return scalers ?? (scaler === undefined ? [] : [scaler]);
}
