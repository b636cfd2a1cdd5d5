export { createLinearModel, type LinearModel } from "./linear-model.ts";
export { parseTabularSpecification } from "./parse-specification.ts";
export { type PredictorResponse, readPredictorResponse } from "./predictor-response.ts";
export { responseRows, responseSpecs } from "./response-rows.ts";
export type { TabularSpecification } from "./specification.ts";
export { createVectorizer, type TabularRecord, type Vectorizer } from "./vectorizer.ts";
