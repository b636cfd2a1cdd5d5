import { InferenceError } from "../errors.ts";

/** The kind of a failure, for labels and spans: its code; a predictor's own status by class. */
export function errorKind(error: unknown): string {
  return InferenceError.isInstance(error) ? error.code : "internal";
}
