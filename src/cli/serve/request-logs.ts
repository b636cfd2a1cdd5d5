import { invalidArgument } from "../../errors.ts";
import { type RowSchema, rowJsonSchema } from "../../inference/checks/standard-schema.ts";
import type { ExchangeListener } from "../../inference/exchange-listener.ts";
import type { Logger } from "../../inference/request-context.ts";
import { createAccessLog } from "../../observability/access-log.ts";
import { SECRETS } from "../../observability/logger.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { createPayloadEvents, type PayloadEvents } from "../../observability/payload-events/payload-events.ts";
import { createPayloadLog } from "../../observability/payload-log.ts";
import type { Environment } from "../flags/environment.ts";
import type { ServeFlags } from "./predictor-choice.ts";

export interface RequestLogOptions {
  readonly flags: ServeFlags;
  readonly env: Environment;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What the transformer declares of its rows. */
  readonly rowSchema: RowSchema | undefined;
}

/** The logs of requests that the flags ask for. */
export interface RequestLogs {
  readonly listeners: readonly ExchangeListener[];
  /** Sends what waits to be sent. */
  close(): Promise<void>;
}

/** @throws InferenceError invalid_argument for an address that is none. */
export function createRequestLogs(options: RequestLogOptions): RequestLogs {
  const { flags, log, rowSchema } = options;
  const secrets = secretMembers(rowSchema && rowJsonSchema(rowSchema));
  const redacted = new Set([...(flags.payload_log_redact ?? []), ...secrets]);
  const events = createEvents(options, redacted);
  const sample = events === undefined ? (flags.payload_log_sample ?? 0) : 0;
  const listeners = [
    ...(flags.access_log ? [createAccessLog(log)] : []),
    ...(sample > 0 ? [createPayloadLog({ log, sample, redacted })] : []),
    ...(events === undefined ? [] : [events]),
  ];
  return { listeners, close: async () => events?.close() };
}

function createEvents(
  { flags, env, log, metrics }: RequestLogOptions,
  redacted: ReadonlySet<string>,
): PayloadEvents | undefined {
  const headers = toHeaderNames(flags.payload_log_headers ?? []);
  const annotations = toAnnotations(flags.payload_log_annotations ?? []);
  if (flags.payload_log_url === undefined) return undefined;
  return createPayloadEvents({
    url: toCollectorUrl(flags.payload_log_url),
    mode: flags.payload_log_mode,
    sample: flags.payload_log_sample,
    maxEvents: flags.payload_log_queue,
    redacted,
    headers,
    annotations,
    service: { name: env["INFERENCE_SERVICE_NAME"] || undefined, namespace: env["POD_NAMESPACE"] || undefined },
    log,
    onEnd: (outcome) => metrics.payloadEvent(outcome),
  });
}

function toCollectorUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw invalidArgument(
      `--payload_log_url: expected http://HOST/PATH without credentials, got ${JSON.stringify(text)}`,
    );
  }
  return url;
}

function toHeaderNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const lower = name.toLowerCase();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(lower)) {
      throw invalidArgument(`--payload_log_headers: expected names of headers, got ${JSON.stringify(name)}`);
    }
    if (SECRETS.includes(lower)) {
      throw invalidArgument(`--payload_log_headers: ${lower} holds credentials, which are never logged`);
    }
    return lower;
  });
}

function toAnnotations(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw invalidArgument(`--payload_log_annotations: expected NAME=VALUE, got ${JSON.stringify(pair)}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Members that a JSON schema calls writeOnly, or whose format is password: what is sent and never shown. */
function secretMembers(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { readonly properties?: Readonly<Record<string, object>> };
  const own = Object.entries(properties ?? {}).flatMap(([name, member]) => {
    const { writeOnly, format } = member as { readonly writeOnly?: boolean; readonly format?: string };
    return writeOnly === true || format === "password" ? [name] : [];
  });
  return [...own, ...Object.values(schema).flatMap(secretMembers)];
}
