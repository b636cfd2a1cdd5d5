import { BLOCKED_ENVIRONMENT } from "../../contract/names.ts";
import { invalidArgument } from "../../errors.ts";
import { KNATIVE_RESERVED_ENVIRONMENT } from "../knative.ts";
import type { EnvironmentVariable } from "../kserve-objects.ts";

/**
 * A container's `env`; undefined where there is none.
 *
 * @throws InferenceError invalid_argument for names that Kubernetes, KServe or Knative refuse
 */
export function createEnvironment(
  environment: Readonly<Record<string, string>> = {},
  mode: "Standard" | "Knative",
  isCollocated: boolean,
): readonly EnvironmentVariable[] | undefined {
  const entries = Object.entries(environment);
  for (const [name] of entries) {
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
      throw invalidArgument(
        `environment name ${JSON.stringify(name)}: expected letters, digits, _, - and ., no digit first`,
      );
    }
    if (BLOCKED_ENVIRONMENT.includes(name)) throw invalidArgument(`environment ${name} is refused by KServe`);
    if (mode === "Knative" && KNATIVE_RESERVED_ENVIRONMENT.includes(name)) {
      throw invalidArgument(`environment ${name} is set by Knative itself`);
    }
    if (isCollocated && name === "STORAGE_URI") {
      throw invalidArgument("environment STORAGE_URI is refused beside a predictor, whose model is under /mnt/models");
    }
  }
  return entries.length === 0 ? undefined : entries.map(([name, value]) => ({ name, value }));
}
