export { createVectorizer } from "./create-vectorizer.ts";
export type { VectorizerSpecification } from "./dictionary/vectorizer-specification.ts";
export { createLinearModel, type LinearModel } from "./linear-model.ts";
export { parseTabularSpecification } from "./parse-specification.ts";
export type { PipelineSpecification } from "./pipeline/pipeline-specification.ts";
export { type PredictorResponse, readPredictorResponse } from "./predictor-response.ts";
export { responseRows, responseSpecs } from "./response-rows.ts";
export type { TabularSpecification } from "./specification.ts";
export type { TabularRecord, Vectorizer } from "./vectorizer.ts";
