import { createDictVectorizer } from "./dictionary/dict-vectorizer.ts";
import type { VectorizerSpecification } from "./dictionary/vectorizer-specification.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { PipelineSpecification } from "./pipeline/pipeline-specification.ts";
import type { Vectorizer } from "./vectorizer.ts";

/**
 * Records → feature vectors: as scikit-learn's `DictVectorizer.transform` (1.9) makes them, then scaled (version 1), or by the steps of
 * a pipeline over named columns (version 2).
 * @throws InferenceError invalid_argument for steps that do not fit each other, which `parseTabularSpecification` tells with their line.
 */
export function createVectorizer(
  specification: Pick<VectorizerSpecification, "vectorizer" | "scaler" | "scalers" | "records"> | PipelineSpecification,
): Vectorizer {
  return "steps" in specification ? createPipeline(specification) : createDictVectorizer(specification);
}
