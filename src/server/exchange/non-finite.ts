import type { Logger } from "../../inference/request-context.ts";
import type { NonFiniteText } from "../../tensor/number-text/create-element-writer.ts";

/** What a JSON client gets for NaN and infinities, which JSON has no number for; binary and gRPC carry them as they are. */
export type NonFinite = "error" | "null" | "token";

/**
 * The text for NaN and infinities: `null`, as KServe's SDK writes, with one warning in the log; the bare tokens `NaN`,
 * `Infinity` and `-Infinity`, which Python reads; undefined where the response is to be an error.
 */
export function createNonFiniteText(form: NonFinite, log: Logger): NonFiniteText | undefined {
  if (form === "error") return undefined;
  if (form === "token") return String;
  let warned = false;
  return (value) => {
    if (!warned) {
      warned = true;
      log.warn({}, `a response holds ${value}, which JSON clients get as null; --non_finite chooses error or token`);
    }
    return "null";
  };
}
