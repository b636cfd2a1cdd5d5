import { createGuardedFetch } from "../../download/guarded-fetch.ts";
import { InferenceError, invalidArgument } from "../../errors.ts";

/**
 * Downloads for hooks, with what --image_allow lists.
 * @throws InferenceError invalid_argument that names the flag and its variable.
 */
export function createDownloads(allow: readonly string[] = []): ReturnType<typeof createGuardedFetch> {
  try {
    return createGuardedFetch({ allow });
  } catch (error) {
    if (!InferenceError.isInstance(error)) throw error;
    throw invalidArgument(`--image_allow (environment variable IMAGE_ALLOW): ${error.message}`);
  }
}
