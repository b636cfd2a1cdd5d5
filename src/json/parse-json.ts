import { type Buffer, isUtf8 } from "node:buffer";
import type { JsonValue } from "../tensor/json-value.ts";
import { inspectJson } from "./inspect-json.ts";
import { assertUtf8, OPEN_ARRAY, OPEN_OBJECT, skipSpace, startOfText, toBuffer } from "./json-bytes.ts";
import { JsonParser } from "./json-parser.ts";

export interface ParseJsonOptions {
  /** Nesting. */
  readonly maxDepth: number;
  /**
   * Text that is not UTF-8: refused, or taken, where a string of such bytes becomes `{"b64": …}`. Servers that put raw
   * bytes into JSON exist; clients get an error. @default "refused"
   */
  readonly rawBytes?: RawBytes;
}

export type RawBytes = "refused" | "base64";

/**
 * The value of JSON text in UTF-8, with or without a byte order mark. Integers beyond 2^53 are bigint; the bare tokens
 * NaN, Infinity and -Infinity, which some servers write, are numbers. Text without those goes through `JSON.parse`.
 * @throws InferenceError invalid_argument with the position, or naming the limit.
 */
export function parseJson(bytes: Uint8Array, { maxDepth, rawBytes = "refused" }: ParseJsonOptions): JsonValue {
  const buffer = toBuffer(bytes);
  const utf8 = isUtf8(buffer);
  if (!utf8 && rawBytes === "refused") assertUtf8(buffer);
  const end = buffer.length;
  const start = skipSpace(buffer, startOfText(buffer), end);
  const nested = buffer[start] === OPEN_ARRAY || buffer[start] === OPEN_OBJECT;
  const plain = utf8 && nested && inspectJson(buffer, start, end, maxDepth).plain;
  return parseText(buffer, start, end, plain, maxDepth);
}

/** As `parseJson`, of text that was inspected: `plain` says that it is UTF-8 and that `JSON.parse` reads it without loss. */
export function parseText(bytes: Buffer, start: number, end: number, plain: boolean, maxDepth: number): JsonValue {
  if (plain) {
    try {
      return JSON.parse(bytes.toString("utf8", start, end)) as JsonValue;
    } catch {
      // Read again by the strict parser, whose message has the position and is the same on every Node.
    }
  }
  return new JsonParser(bytes, start, end, maxDepth).parse();
}
