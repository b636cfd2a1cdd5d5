import { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { Bytes, TraceContent, Unavailable } from "./trace.ts";
import { traceTensor } from "./trace-tensor.ts";

const MAX_ROWS = 100;
const MAX_TEXT = 300;
/** Numbers of one row: a picture as nested JSON would otherwise be the whole page. */
const MAX_MEMBERS = 2000;
const MAX_BYTES = 256 * 1024;

/** Rows and columns of a request or a response. Reading happens here, after the exchange: what cannot be read says so. */
export function traceContent(value: InferRequest | InferResponse): TraceContent {
  const kind = InferRequest.isInstance(value) ? "request" : "response";
  try {
    const { values, parameters } = value.content;
    return {
      kind,
      native: values.native,
      rows: available(() => {
        const rows = values.rows();
        return { count: rows.length, shown: rows.slice(0, MAX_ROWS).map(shorten) };
      }),
      tensors: available(() => values.tensors().map(traceTensor)),
      parameters: shorten(parameters) as Record<string, unknown>,
    };
  } catch (error) {
    const unavailable = messageOf(error);
    return { kind, native: "rows", rows: { unavailable }, tensors: { unavailable }, parameters: {} };
  }
}

export function traceBytes(
  chunks: readonly Uint8Array[],
  headers: Readonly<Record<string, string>>,
  maxBytes: number = MAX_BYTES,
): Bytes {
  const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  const sent = all.subarray(0, maxBytes);
  const base64 = Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength).toString("base64");
  return { headers: withoutSecrets(headers), length: all.length, base64, isCut: sent.length < all.length };
}

/** Whoever may see runs need not see the credentials of others. */
export function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      /authorization|api-key|cookie|token|secret/i.test(name) ? "…" : value,
    ]),
  );
}

function available<T>(read: () => T): T | Unavailable {
  try {
    return read();
  } catch (error) {
    return { unavailable: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** As JSON can carry it and a page can show it. */
function shorten(value: unknown): unknown {
  let left = MAX_MEMBERS;
  const walk = (inner: unknown): unknown => {
    if (typeof inner === "string") {
      return inner.length > MAX_TEXT ? `${inner.slice(0, MAX_TEXT)}… ${inner.length} characters` : inner;
    }
    if (typeof inner === "bigint") return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner);
    if (typeof inner === "number") return Number.isFinite(inner) ? inner : String(inner);
    if (inner instanceof Uint8Array) return `${inner.length} bytes`;
    // As a member toJSON it would run when the trace is written.
    if (typeof inner === "function" || typeof inner === "symbol") return `a ${typeof inner}`;
    if (typeof inner !== "object" || inner === null) return inner ?? null;
    if (Array.isArray(inner)) {
      const kept: unknown[] = [];
      for (const member of inner) {
        left -= 1;
        if (left < 0) return [...kept, `… ${inner.length} in all`];
        kept.push(walk(member));
      }
      return kept;
    }
    return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, walk(member)]));
  };
  return walk(value);
}
