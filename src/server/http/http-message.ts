import type { PiecedBody } from "../../inference/content.ts";
import type { OnLeave } from "../../policy/deadline.ts";

/** A request on plain values: what the data plane handles, whoever received it. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Lower-case names; a header sent twice is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks in order, at most `maxBodyBytes` together. */
  readonly body: readonly Uint8Array[];
  /** Aborted when the client leaves; made when first read. */
  readonly signal: AbortSignal;
  /** The same without a signal. */
  readonly onLeave?: OnLeave | undefined;
}

/** A response on plain values. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Chunks in order; pieces are written as they are made and a stream as it comes, both with back-pressure. */
  readonly body: readonly Uint8Array[] | PiecedBody | AsyncIterable<Uint8Array>;
}

export function isPieced(body: HttpResponse["body"]): body is PiecedBody {
  return "whole" in body;
}

/** The chunks of a body that is no stream. */
export function toChunks(body: readonly Uint8Array[] | PiecedBody): readonly Uint8Array[] {
  return isPieced(body) ? body.whole() : body;
}

export function isStream(body: HttpResponse["body"]): body is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in body;
}

const encoder = new TextEncoder();

/** A response of JSON. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = encoder.encode(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json", ...headers }, body: [body] };
}

/** The bytes of a body that a middleware parsed before us. */
export function toBytes(parsed: unknown): Uint8Array {
  if (parsed instanceof Uint8Array) return parsed;
  return encoder.encode(typeof parsed === "string" ? parsed : JSON.stringify(parsed));
}
