import type { Flag, FlagTable, FlagValues } from "../../contract/flag.ts";
import { isBooleanWord, missingValue, parseFlagValue } from "./parse-flag-value.ts";

/** What a command line and an environment say, by a table of flags. */
export interface ParsedFlags<Table extends FlagTable> {
  readonly values: FlagValues<Table>;
  /** Flags that the command line or the environment set; the others have their default. */
  readonly given: ReadonlySet<string>;
  readonly positionals: readonly string[];
  /** Flags that the table does not know, as they were written, each once, without their values (they may be secrets). */
  readonly unknown: readonly string[];
  /** What the user should know of how the flags were read. */
  readonly notes: readonly string[];
}

interface Occurrence {
  /** As it was written: `--model-name`. */
  readonly written: string;
  readonly text: string;
}

/**
 * Reads flags as KServe's users write them: `--model_name x`, `--model_name=x`, `--model-name x`; booleans with and without
 * a value; an unknown flag takes its value with it. A flag on the command line beats the environment, which beats the default.
 *
 * Of one flag given twice the last counts, except that a spelling with dashes beats one with underscores: KServe's
 * controller does not see that `--model-name clothes` is there and appends its own `--model_name`.
 *
 * @throws InferenceError invalid_argument for a value that a known flag cannot have.
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): ParsedFlags<Table> {
  const names = namesOf(table);
  const occurrences = new Map<string, Occurrence>();
  const positionals: string[] = [];
  const unknown = new Set<string>();
  const notes: string[] = [];
  const queue = [...argv];

  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token === "--") {
      positionals.push(...queue.splice(0));
      continue;
    }
    if (!isFlag(token)) {
      positionals.push(token);
      continue;
    }
    const equals = token.indexOf("=");
    const written = equals < 0 ? token : token.slice(0, equals);
    const inline = equals < 0 ? undefined : token.slice(equals + 1);
    const name = written.startsWith("--") ? names.get(written.slice(2).replaceAll("-", "_")) : undefined;
    const flag = name === undefined ? undefined : table[name];
    if (name === undefined || flag === undefined) {
      unknown.add(written);
      if (inline === undefined && queue[0] !== undefined && !isFlag(queue[0])) queue.shift();
      continue;
    }
    const occurrence = { written, text: inline ?? takeValue(flag, written, queue) };
    const earlier = occurrences.get(name);
    if (earlier !== undefined && earlier.text !== occurrence.text) {
      const kept = isDashed(earlier) && !isDashed(occurrence) ? earlier : occurrence;
      const dropped = kept === earlier ? occurrence : earlier;
      notes.push(
        `${kept.written} ${kept.text} counts, ${dropped.written} ${dropped.text} does not: the flag was given twice`,
      );
      occurrences.set(name, kept);
    } else {
      occurrences.set(name, earlier ?? occurrence);
    }
  }

  const values: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const [name, flag] of Object.entries(table)) {
    const value = resolveFlag(flag, occurrences.get(name), env);
    if (value !== undefined) given.add(name);
    values[name] = value ?? flag.default;
  }
  return { values: values as FlagValues<Table>, given, positionals, unknown: [...unknown], notes };
}

function namesOf(table: FlagTable): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, flag] of Object.entries(table)) {
    names.set(name, name);
    if (flag.alias !== undefined) names.set(flag.alias, name);
  }
  return names;
}

/** `-1` and `-.5` are values, `-` is a positional (standard input by custom). */
function isFlag(token: string): boolean {
  return token.startsWith("-") && token !== "-" && !/^-[\d.]/.test(token);
}

function isDashed(occurrence: Occurrence): boolean {
  return occurrence.written.slice(2).includes("-");
}

function takeValue(flag: Flag, written: string, queue: string[]): string {
  const next = queue[0];
  if (flag.type === "boolean") {
    if (next === undefined || !isBooleanWord(next)) return "true";
  } else if (next === undefined || isFlag(next)) {
    throw missingValue(flag, written);
  }
  queue.shift();
  return next;
}

function resolveFlag(
  flag: Flag,
  occurrence: Occurrence | undefined,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  const fromFlag = occurrence && parseFlagValue(flag, occurrence.text, occurrence.written);
  if (fromFlag !== undefined) return fromFlag;
  for (const name of flag.environment ?? []) {
    const text = env[name]?.trim();
    if (text === undefined || text === "") continue;
    return parseFlagValue(flag, text, `environment variable ${name}`);
  }
  return undefined;
}
