import { isUtf8 } from "node:buffer";
import type { JsonValue } from "../../tensor/json-value.ts";
import { inspectJson } from "./inspect-json.ts";
import { assertUtf8, startOfText, textOf, toBuffer } from "./json-bytes.ts";
import { JsonParser } from "./json-parser.ts";

export interface ParseJsonOptions {
  readonly maxDepth: number;
  /** Where the value starts and ends in `bytes`; without them the text is all bytes behind a byte order mark. */
  readonly start?: number;
  readonly end?: number;
  /** Items of the outermost array. @default no bound */
  readonly maxItems?: number;
  /** What the items are called in the error. @default "items" */
  readonly itemName?: string;
  /**
   * Text that is not UTF-8: refused, or taken, where a string of such bytes becomes `{"b64": …}`. Servers that put raw
   * bytes into JSON exist; clients get an error. @default "refused"
   */
  readonly rawBytes?: RawBytes;
}

export type RawBytes = "refused" | "base64";

/**
 * The value of JSON text. Integers beyond 2^53 are bigint; the bare tokens NaN, Infinity and -Infinity, which some servers
 * write, are numbers. Text without those goes through `JSON.parse`.
 * @throws InferenceError invalid_argument with the position, or naming the limit.
 */
export function parseJson(bytes: Uint8Array, options: ParseJsonOptions): JsonValue {
  const buffer = toBuffer(bytes);
  const start = options.start ?? startOfText(buffer);
  const end = options.end ?? buffer.length;
  const utf8 = isUtf8(buffer.subarray(start, end));
  if (!utf8 && options.rawBytes !== "base64") assertUtf8(buffer);
  const { plain } = inspectJson(buffer, start, end, options);
  if (plain && utf8) {
    try {
      return JSON.parse(textOf(buffer, start, end)) as JsonValue;
    } catch {
      // Read again by the strict parser, whose message has the position and is the same on every Node.
    }
  }
  return new JsonParser(buffer, start, end, options.maxDepth).parse();
}
