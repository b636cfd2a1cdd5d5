import { createRequire } from "node:module";
import type { Logger } from "../inference/request-context.ts";

export interface LoggerOptions {
  /** @default "info" */
  readonly level?: "trace" | "debug" | "info" | "warn" | "error" | "silent" | undefined;
  /** Where the lines go. @default standard output */
  readonly destination?: { write(line: string): void } | undefined;
}

// By require: an import would first have Node search the whole CommonJS package for the names of its exports.
const { pino } = createRequire(import.meta.url)("pino") as typeof import("pino");

/** Names whose values never reach a log, whatever object they stand in. */
export const SECRETS: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "api_key",
  "password",
  "token",
];

/** A pino logger: one JSON object a line, secrets left out. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? "info",
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: "[redacted]" },
    serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
