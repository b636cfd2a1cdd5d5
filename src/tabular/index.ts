export { createLinearModel, type LinearModel } from "./linear-model.ts";
export { parseTabularSpecification } from "./parse-specification.ts";
export { type PredictorAnswer, readPredictorAnswer } from "./predictor-response.ts";
export { answerRows, answerSpecs } from "./response-rows.ts";
export type { TabularSpecification } from "./specification.ts";
export { createVectorizer, type TabularRecord, type Vectorizer } from "./vectorizer.ts";
