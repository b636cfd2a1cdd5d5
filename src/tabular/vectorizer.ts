import type { RowSchema } from "../inference/checks/standard-schema.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { JsonObject } from "../tensor/json-value.ts";

/** One row of a table: a value for each field, by name. */
export type TabularRecord = JsonObject;

/** Records → feature vectors. */
export interface Vectorizer {
  /** In the order of a vector. */
  readonly featureNames: readonly string[];
  /** Checks records: `request.rows(vectorizer.records)`. */
  readonly records: RowSchema<TabularRecord>;
  /**
   * One vector of `featureNames.length` numbers for each record, after all steps of the specification.
   * @throws InferenceError invalid_argument that names row and field of a value that a step refuses.
   */
  transform(records: readonly TabularRecord[]): number[][];
  /** The vectors of a request's rows, checked; what is refused is named as the client wrote it. */
  vectors(request: InferRequest): number[][];
}
