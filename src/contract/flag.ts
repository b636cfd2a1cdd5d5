/** One command-line flag, as data: read by the command, printed by its help, listed in the docs, checked in manifests. */
export interface Flag {
  readonly type: "text" | "integer" | "number" | "boolean" | "list" | "choice";
  readonly default?: string | number | boolean;
  /** The only values of a choice. */
  readonly choices?: readonly string[];
  /** Smallest and largest number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Environment variables that stand in for the flag; the first that is set counts. */
  readonly environment?: readonly string[];
  /** Another name of the same flag. */
  readonly alias?: string;
  readonly description: string;
  /** Why the flag is accepted and has no effect; absent where it works. */
  readonly noted?: string;
}

/** Flags by name, without dashes in front and with underscores inside, as KServe writes them. */
export type FlagTable = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F["type"] extends "boolean"
  ? boolean
  : F["type"] extends "integer" | "number"
    ? number
    : F["type"] extends "list"
      ? readonly string[]
      : F extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** What a table of flags reads as: undefined only where a flag has no default. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]:
    | FlagValue<Table[Name]>
    | (Table[Name] extends { readonly default: unknown } ? never : undefined);
};
