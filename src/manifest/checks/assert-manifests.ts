import { invalidArgument } from "../../errors.ts";
import { formatManifests } from "../format-manifests.ts";
import { checkManifest } from "./check-manifest.ts";

/**
 * Checks objects as the file that they will be. What is ignored in silence counts as well: who makes a manifest from options
 * means each of them.
 *
 * @throws InferenceError invalid_argument with the first finding, errors before warnings
 */
export function assertManifests(objects: readonly object[]): void {
  const { findings } = checkManifest(formatManifests(objects));
  const first = findings.find(({ severity }) => severity === "error") ?? findings[0];
  if (first !== undefined) throw invalidArgument(`${first.path}: ${first.message} ${first.fix}`);
}
