import { createRequire } from "node:module";
import type { Logger } from "../inference/request-context.ts";
import { shortenText } from "../shorten-text.ts";

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
    serializers: { err: serializeError, error: serializeError },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** Characters of a text in an error's line: its message, its stack, and what Node and libraries hang on it, for example the whole URL. */
const MAX_TEXT = 16_384;

/** An error with its causes; something else that was thrown stays as it is. */
function serializeError(error: unknown): unknown {
  const isError = typeof (error as { readonly message?: unknown } | null | undefined)?.message === "string";
  return isError ? shortenTexts(pino.stdSerializers.errWithCause(error as Error)) : error;
}

/** The texts of a serialized error and of the errors within it. */
function shortenTexts(error: object): object {
  return Object.fromEntries(Object.entries(error).map(([key, value]) => [key, shortened(key, value)]));
}

function shortened(key: string, value: unknown): unknown {
  if (typeof value === "string") return shortenText(value, MAX_TEXT);
  if (key === "aggregateErrors" && Array.isArray(value)) return value.map((inner: object) => shortenTexts(inner));
  return key === "cause" && typeof value === "object" && value !== null ? shortenTexts(value) : value;
}
