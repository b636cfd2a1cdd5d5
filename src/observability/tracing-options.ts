import { invalidArgument } from "../errors.ts";

/** How traces are made and where they go. */
export interface TracingOptions {
  readonly serviceName: string;
  /** `console` prints spans; `none` makes none. */
  readonly exporter: "otlp" | "console" | "none";
  readonly protocol: "grpc" | "http/protobuf";
  /** `http://collector:4317`; undefined is the exporter's own default, or what OTEL_EXPORTER_OTLP_ENDPOINT says. */
  readonly endpoint: string | undefined;
  readonly sampler: TraceSampler;
  /** Share of traces, 0 to 1, for the ratio samplers. */
  readonly samplerRatio: number;
  readonly resource: Readonly<Record<string, string>>;
  /** Response header with the trace context. */
  readonly responseHeader: string;
  readonly responseStateHeader: string;
}

export const TRACE_SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type TraceSampler = (typeof TRACE_SAMPLERS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The options that OpenTelemetry's environment variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)
 * and KServe's controller ask for; undefined when nothing asks for traces.
 * @throws InferenceError invalid_argument that names the variable.
 */
export function resolveTracingOptions(env: Environment): TracingOptions | undefined {
  const endpoint = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"] || undefined;
  const asked = endpoint !== undefined || (env["OTEL_TRACES_EXPORTER"] ?? "") !== "";
  if (!asked || env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const exporter = oneOf(env, "OTEL_TRACES_EXPORTER", ["otlp", "console", "none"], "otlp");
  if (exporter === "none") return undefined;
  return {
    serviceName: env["OTEL_SERVICE_NAME"] || "kserve-transformer",
    exporter,
    protocol: oneOf(env, "OTEL_EXPORTER_OTLP_PROTOCOL", ["grpc", "http/protobuf"], "grpc"),
    endpoint,
    sampler: oneOf(env, "OTEL_TRACES_SAMPLER", TRACE_SAMPLERS, "parentbased_always_on"),
    samplerRatio: ratio(env["OTEL_TRACES_SAMPLER_ARG"]),
    resource: parseAttributes(env["OTEL_RESOURCE_ATTRIBUTES"]),
    responseHeader: (env["TRACE_RESPONSE_HEADER_NAME"] || "traceparent").toLowerCase(),
    responseStateHeader: (env["TRACE_RESPONSE_TRACESTATE_HEADER_NAME"] || "tracestate").toLowerCase(),
  };
}

function oneOf<T extends string>(env: Environment, name: string, allowed: readonly T[], otherwise: T): T {
  const value = env[name] || otherwise;
  const known = allowed.find((each) => each === value);
  if (known !== undefined) return known;
  throw invalidArgument(`${name} must be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`);
}

function ratio(text: string | undefined): number {
  if (text === undefined || text === "") return 1;
  const value = Number(text);
  if (value >= 0 && value <= 1) return value;
  throw invalidArgument(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, got ${JSON.stringify(text)}`);
}

/** `key=value,key=value`, percent-encoded. */
function parseAttributes(text: string | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const pair of (text ?? "").split(",")) {
    const equals = pair.indexOf("=");
    if (equals <= 0) continue;
    attributes[pair.slice(0, equals).trim()] = decode(pair.slice(equals + 1).trim());
  }
  return attributes;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
