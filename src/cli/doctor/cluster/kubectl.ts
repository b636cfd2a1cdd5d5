import { execFile } from "node:child_process";

/** What kubectl said; `error` is its own sentence. */
export type KubectlResult = { readonly json: unknown } | { readonly error: string; readonly isMissing: boolean };

/** Reads from a cluster, by the kubectl that is on PATH; nothing is ever written. */
export type Kubectl = (...words: readonly string[]) => Promise<KubectlResult>;

export interface KubectlOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 64 * 1024 * 1024;

export function createKubectl({ env, signal }: KubectlOptions): Kubectl {
  return (...words) =>
    new Promise((resolve) => {
      const argv = [...words, "-o", "json", "--request-timeout=5s"];
      const options = { env, signal, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES };
      execFile("kubectl", argv, options, (thrown, stdout, stderr) => {
        if (thrown !== null) {
          const said = stderr.trim().split("\n").at(-1) ?? "";
          resolve({ error: said === "" ? thrown.message : said, isMissing: thrown.code === "ENOENT" });
          return;
        }
        try {
          resolve({ json: JSON.parse(stdout) });
        } catch {
          resolve({ error: `kubectl ${words.join(" ")} printed no JSON`, isMissing: false });
        }
      });
    });
}

/** A value inside of what kubectl printed; undefined where it is not there. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[key];
  }
  return current;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

export function itemsAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
