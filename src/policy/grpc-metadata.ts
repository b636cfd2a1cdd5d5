import { Buffer } from "node:buffer";
import { Metadata } from "@grpc/grpc-js";
import { parseBase64 } from "../tensor/elements/base64.ts";
import { describeBase64Fault } from "../tensor/elements/base64-decoder.ts";
import { isHopByHop } from "./hop-by-hop.ts";

/** What HTTP/2 and gRPC say themselves: neither read as a header nor sent as one. */
const OWN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "expect",
  "host",
  "inference-header-content-length",
  "user-agent",
]);

/** Names and values that gRPC takes; a value beyond printable ASCII has no place in metadata. */
const NAME = /^[0-9a-z_.-]+$/;
const VALUE = /^[ -~]*$/;

/** What is done with a header that metadata cannot carry. */
type OnFault = (name: string, fault: string) => void;

/**
 * Headers as gRPC metadata: those of the connection and of the body stay behind, `-bin` values, of which several stand with commas between,
 * are read as base64 with or without its padding. What is none stays behind too.
 * @param onFault may throw instead.
 */
export function toMetadata(
  headers: Readonly<Record<string, string | readonly string[]>>,
  onFault: OnFault = () => undefined,
): Metadata {
  const metadata = new Metadata();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || OWN.has(name) || isHopByHop(name)) continue;
    if (!NAME.test(name) || name.startsWith("grpc-")) continue;
    for (const one of typeof value === "string" ? [value] : value) {
      if (name.endsWith("-bin")) addBytes(metadata, name, one, onFault);
      else if (VALUE.test(one)) metadata.add(name, one.trim());
    }
  }
  return metadata;
}

function addBytes(metadata: Metadata, name: string, values: string, onFault: OnFault): void {
  for (const value of values.split(",")) {
    const text = value.trim();
    const padded = text.endsWith("=") ? text : text.padEnd(Math.ceil(text.length / 4) * 4, "=");
    const bytes = parseBase64(padded);
    if (bytes === undefined) onFault(name, describeBase64Fault(padded));
    else metadata.add(name, Buffer.from(bytes));
  }
}

/** gRPC metadata as headers: lower-case names, several values joined by ", ", `-bin` values in base64. */
export function fromMetadata(metadata: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  const values = metadata.toHttp2Headers();
  for (const name in values) {
    const value = values[name];
    if (value === undefined || OWN.has(name) || name.startsWith("grpc-")) continue;
    headers[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return headers;
}
