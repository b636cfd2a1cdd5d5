/** ok: as it should be. warning: it works, and something will be missed. error: it does not work. skipped: it cannot be known here. */
export type FindingState = "ok" | "warning" | "error" | "skipped";

/** What one check found. */
export interface Finding {
  /** Subject and check: `service/tls`. */
  readonly check: string;
  readonly state: FindingState;
  readonly message: string;
  /** The sentence that fixes it; every warning and error has one. */
  readonly fix?: string;
  /** Does what `fix` says, where nothing can be lost by it. */
  readonly repair?: () => void;
}

export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

export function skipped(check: string, message: string, fix?: string): Finding {
  return { check, state: "skipped", message, ...(fix === undefined ? {} : { fix }) };
}

export function warning(check: string, message: string, fix: string, repair?: () => void): Finding {
  return { check, state: "warning", message, fix, ...(repair === undefined ? {} : { repair }) };
}

export function error(check: string, message: string, fix: string, repair?: () => void): Finding {
  return { check, state: "error", message, fix, ...(repair === undefined ? {} : { repair }) };
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ state }) => state === "error");
}
