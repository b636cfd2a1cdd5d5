import { type ErrorCode, InferenceError } from "../../errors.ts";

/**
 * Runs what would throw the client's errors over values that are not the client's: they get the code of whoever made them.
 * @throws InferenceError of this code in place of invalid_argument and its like; others as they are.
 */
export function blame<T>(code: ErrorCode, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!InferenceError.isInstance(error) || error.status < 400 || error.status >= 500) throw error;
    throw new InferenceError(`${what}: ${error.message}`, { code, cause: error });
  }
}

/** As `blame` for values that a hook made: a 500, which is logged. */
export function blameHook<T>(run: () => T): T {
  return blame("internal", "values that a hook made", run);
}
