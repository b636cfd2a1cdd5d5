import type { FlagTable } from "../contract/flag.ts";

/** The process as a command sees it; argv and environment reach a command only so. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working folder. */
  readonly cwd: string;
  /** Writes text to standard output as it is. */
  print(text: string): void;
  /** Writes text to standard error as it is. */
  warn(text: string): void;
  /** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

/** A sub-command: `commands/<name>.ts` exports one as `command`, and `main.ts` names it. */
export interface Command {
  /** What stands after the command's name: `FILE.yaml [flags]`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly flags: FlagTable;
  /** The flags that `--help` shows, where all of them would be a wall; `--help --all` shows the rest. */
  readonly commonFlags?: readonly string[];
  /** Lines for the end of the help. */
  readonly examples?: readonly string[];
  /**
   * @returns the exit code.
   * @throws InferenceError: its message is printed alone; invalid_argument exits 2, everything else 1.
   */
  run(argv: readonly string[], context: CommandContext): Promise<number>;
}
