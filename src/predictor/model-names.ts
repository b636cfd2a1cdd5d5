/** A model's public name and the predictor's own for it. */
export interface ModelNames {
  /** Undefined stands for every name. */
  readonly modelName: string | undefined;
  /** Undefined where both are the same. */
  readonly predictorModelName: string | undefined;
}

/** What the predictor calls a model; a name that is not the public one is the predictor's already. */
export function toPredictorName(modelName: string, { modelName: publicName, predictorModelName }: ModelNames): string {
  if (predictorModelName === undefined) return modelName;
  return publicName === undefined || publicName === modelName ? predictorModelName : modelName;
}
