import type { EnvironmentVariable } from "../kserve-objects.ts";

/** A container's `env`; undefined where there is none. */
export function createEnvironment(
  environment: Readonly<Record<string, string>> = {},
): readonly EnvironmentVariable[] | undefined {
  const entries = Object.entries(environment);
  return entries.length === 0 ? undefined : entries.map(([name, value]) => ({ name, value }));
}
