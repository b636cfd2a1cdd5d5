import type { VectorizerSpecification } from "./dictionary/vectorizer-specification.ts";
import type { PipelineSpecification } from "./pipeline/pipeline-specification.ts";

/** What a file holds, by its version. */
export type TabularSpecification = VectorizerSpecification | PipelineSpecification;
