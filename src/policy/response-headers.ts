import { InferenceError } from "../errors.ts";
import { describeValue } from "../tensor/describe-value.ts";

/** A token, which a header's name must be (RFC 9110 §5.1). */
const HTTP_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible Latin-1, space and tab, which node:http sends (RFC 9110 §5.5). */
const HTTP_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What gRPC takes as metadata (its wire specification, "Custom-Metadata"). */
const GRPC_NAME = /^[0-9A-Za-z_.-]+$/;
const GRPC_VALUE = /^[\x20-\x7e]*$/;

/**
 * The headers that hooks set, checked before anything is written.
 * @throws InferenceError internal that names the header which HTTP, or gRPC, cannot carry.
 */
export function assertResponseHeaders(headers: Readonly<Record<string, unknown>> | undefined, protocol: string): void {
  for (const name in headers) {
    const fault = faultOf(name, headers[name], protocol);
    if (fault !== undefined) throw new InferenceError(fault);
  }
}

/** Those of the headers that can be sent. */
export function sendableHeaders(headers: Readonly<Record<string, string>>, protocol: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (faultOf(name, value, protocol) === undefined) kept[name] = value as string;
  }
  return kept;
}

function faultOf(name: string, value: unknown, protocol: string): string | undefined {
  const isGrpc = protocol === "grpc-v2";
  const what = `response header ${JSON.stringify(name.slice(0, 80))}`;
  if (!(isGrpc ? GRPC_NAME : HTTP_NAME).test(name)) return `${what}: the name has characters that no header may have`;
  const valid = isGrpc ? GRPC_VALUE : HTTP_VALUE;
  for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (typeof one !== "string") return `${what}: expected a string, got ${describeValue(one)}`;
    if (!valid.test(one)) {
      const form = isGrpc ? "printable ASCII, which gRPC metadata takes" : "Latin-1 without line breaks";
      return `${what}: expected ${form}, got ${describeValue(one)}`;
    }
  }
  return undefined;
}
