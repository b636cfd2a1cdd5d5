import { KSERVE_FLAGS } from "./kserve-flags.ts";
import { OWN_FLAGS } from "./own-flags.ts";

/** Every flag of `kserve-transformer serve`. */
export const SERVE_FLAGS: typeof KSERVE_FLAGS & typeof OWN_FLAGS = { ...KSERVE_FLAGS, ...OWN_FLAGS };

/**
 * What KServe's controller appends to a transformer's arguments, each only when no argument begins with `--` and the name
 * (pkg/utils/collections.go): an own flag `--model_name_suffix` would keep it from adding `--model_name`.
 */
export const INJECTED_FLAGS: readonly string[] = ["model_name", "predictor_host", "http_port", "workers"];

/** What people set first: `--help` shows these. */
export const COMMON_FLAGS: readonly string[] = [
  "model_name",
  "predictor_host",
  "predictor_protocol",
  "predictor",
  "http_port",
  "workers",
  "log_level",
  "enable_playground",
];
