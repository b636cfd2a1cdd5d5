import { invalidArgument } from "../../errors.ts";

export interface RepeatedFlags {
  /** Texts by name, in order: `NAME=VALUE` is split at its first equals sign. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What is left for the other flags. */
  readonly rest: readonly string[];
}

/**
 * Takes flags that may stand several times, each with a `NAME=VALUE`, out of a command line: `--env A=1 --env B=1,2`.
 *
 * @throws InferenceError invalid_argument for a value without an equals sign and for a name that is given twice
 */
export function takeRepeatedFlags(argv: readonly string[], names: readonly string[]): RepeatedFlags {
  const values: Record<string, Record<string, string>> = Object.fromEntries(names.map((name) => [name, {}]));
  const rest: string[] = [];
  const queue = [...argv];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    const name = names.find((candidate) => token === `--${candidate}` || token?.startsWith(`--${candidate}=`));
    if (name === undefined) {
      rest.push(token);
      continue;
    }
    const pair = token === `--${name}` ? queue.shift() : token.slice(name.length + 3);
    const equals = pair?.indexOf("=") ?? -1;
    if (pair === undefined || equals < 1) {
      throw invalidArgument(
        `--${name} expects NAME=VALUE, got ${pair === undefined ? "nothing" : JSON.stringify(pair)}`,
      );
    }
    const entries = values[name] ?? {};
    const key = pair.slice(0, equals);
    if (key in entries) throw invalidArgument(`--${name} ${key} is given twice`);
    entries[key] = pair.slice(equals + 1);
  }
  return { values, rest };
}
