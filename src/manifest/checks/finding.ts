import type { Edit, Field } from "./field.ts";

export type Severity = "error" | "warning";

/** One thing that a cluster would refuse, fail on later, or ignore in silence. */
export interface Finding {
  /** error: the service would not run as written. warning: it runs, and not as the manifest says. */
  readonly severity: Severity;
  /** Name of the check. */
  readonly check: string;
  /** Where in the object, for example `spec.transformer.containers[0].env[1].value`. */
  readonly path: string;
  /** Line of the file, from 1. */
  readonly line: number;
  /** What is wrong and what would happen. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** The same as a change of the file's text, where only one can be meant. */
  readonly edit?: Edit | undefined;
}

/** A finding before its check has signed it. */
export type Remark = Omit<Finding, "check">;

export function error(field: Field, message: string, fix: string, edit?: Edit): Remark {
  return { severity: "error", path: field.path, line: field.line, message, fix, edit };
}

export function warning(field: Field, message: string, fix: string, edit?: Edit): Remark {
  return { severity: "warning", path: field.path, line: field.line, message, fix, edit };
}
