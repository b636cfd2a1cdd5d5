import { invalidArgument } from "../errors.ts";
import { connectionOptions, isHopByHop } from "./hop-by-hop.ts";

/**
 * Client headers that travel on to the predictor: W3C trace context and baggage, Zipkin's B3 in both forms, the request id,
 * and the credentials that a predictor behind an auth proxy needs.
 */
const STANDARD: readonly string[] = [
  "traceparent",
  "tracestate",
  "baggage",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-request-id",
  "authorization",
];

/** Headers that say how the body is written or where it goes: the predictor client makes them itself. */
const OWN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "inference-header-content-length",
]);

export interface ForwardHeadersOptions {
  /** Names besides the standard ones. @default [] */
  readonly headers?: readonly string[] | undefined;
  /** False keeps the client's credentials from the predictor. @default true */
  readonly authorization?: boolean | undefined;
}

/**
 * All names that are forwarded, lower case.
 * @throws InferenceError invalid_argument for a name that is no header's, is hop-by-hop, or belongs to the body.
 */
export function resolveForwardHeaders(options: ForwardHeadersOptions = {}): readonly string[] {
  const names = new Set(STANDARD);
  if (options.authorization === false) names.delete("authorization");
  for (const given of options.headers ?? []) {
    const name = given.trim().toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) {
      throw invalidArgument(`forwarded headers: ${JSON.stringify(given)} is no header name`);
    }
    if (isHopByHop(name) || OWN.has(name)) {
      throw invalidArgument(`forwarded headers: '${name}' belongs to one connection or body and cannot be forwarded`);
    }
    names.add(name);
  }
  return [...names];
}

/** Those of the client's headers that go to the predictor; a new object for each request. */
export function selectForwardHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const selected: Record<string, string> = {};
  const dropped = connectionOptions(headers["connection"]);
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || (dropped.length > 0 && dropped.includes(name))) continue;
    selected[name] = typeof value === "string" ? value : value.join(", ");
  }
  return selected;
}
