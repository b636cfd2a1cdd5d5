import type { FlagTable } from "../../contract/flag.ts";
import { INJECTED_FLAGS } from "../../contract/flags.ts";
import { invalidArgument } from "../../errors.ts";
import { nearestName } from "../../nearest-name.ts";

/** What other servers call a flag. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["p", "http_port"],
  ["port", "http_port"],
  ["name", "model_name"],
  ["model", "model_name"],
  ["address", "host"],
  ["bind", "host"],
  ["protocol", "predictor_protocol"],
  ["predictor_url", "predictor_host"],
  ["predictor_address", "predictor_host"],
  ["timeout", "predictor_request_timeout_seconds"],
]);

/** A sentence for a flag that nobody knows, with what becomes of it and the one that was probably meant. */
export function describeUnknownFlag(written: string, table: FlagTable, fate = ""): string {
  const name = written.replace(/^-+/, "").replaceAll("-", "_");
  const meant = SYNONYMS.get(name);
  const near = meant !== undefined && Object.hasOwn(table, meant) ? meant : nearestName(name, Object.keys(table));
  return `${written} is not known here${fate}${near === undefined ? "" : `: did you mean --${near}?`}`;
}

/**
 * Refuses unknown flags that a person typed. A cluster's arguments are another matter: an SDK of a newer version may have
 * flags that this one does not know, and a service must start nevertheless.
 * @throws InferenceError invalid_argument that names each of them.
 */
export function assertKnownFlags(
  unknown: readonly string[],
  table: FlagTable,
  { given, isTerminal }: { readonly given: ReadonlySet<string>; readonly isTerminal: boolean },
): void {
  if (unknown.length === 0 || !isTerminal) return;
  const ofController = INJECTED_FLAGS.filter((name) => name !== "http_port" && name !== "workers");
  if (ofController.every((name) => given.has(name))) return;
  throw invalidArgument(`${unknown.map((written) => describeUnknownFlag(written, table)).join("; ")}; see --help`);
}
