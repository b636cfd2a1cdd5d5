import { Buffer, isUtf8 } from "node:buffer";
import { PIECE, type Steps } from "../../turns.ts";
import type { TensorData } from "../datatype.ts";
import type { BytesForm } from "../number-text/create-element-writer.ts";
import { escapedSize, writeEscaped } from "../number-text/write-json-string.ts";
import { formatBase64 } from "./base64.ts";

/** Bytes of texts that are written at once. */
const SOME_BYTES = 4 * PIECE;
/** Bytes of one text that are; base64 takes three at a time. */
const PART = 3 * PIECE;

/** Of `most` groups of `size` elements each, so many from element `from` on as are written at once: texts count by their bytes. */
export function fitting(data: TensorData, from: number, size: number, most: number): number {
  if (!Array.isArray(data)) return most;
  let bytes = 0;
  for (let group = 0; group < most; group++) {
    const start = from + group * size;
    for (let i = start; i < start + size; i++) bytes += (data[i] as Uint8Array | undefined)?.length ?? 0;
    if (bytes > SOME_BYTES) return group;
  }
  return most;
}

/**
 * The JSON text of one BYTES element, a part at a time.
 * @throws what `refuse` makes for bytes that are no UTF-8 and must be.
 */
export function* formatLongBytes(
  bytes: Uint8Array,
  form: BytesForm,
  refuse: () => Error,
): Steps<readonly Uint8Array[]> {
  const isText = form !== "b64" && isUtf8(bytes);
  if (!isText && form === "text") throw refuse();
  yield;
  const parts: Uint8Array[] = [Buffer.from(isText ? '"' : '{"b64":"')];
  for (let from = 0; from < bytes.length; from += PART) {
    const part = bytes.subarray(from, from + PART);
    parts.push(isText ? escaped(part) : Buffer.from(formatBase64(part), "latin1"));
    yield;
  }
  parts.push(Buffer.from(isText ? '"' : '"}'));
  return parts;
}

function escaped(text: Uint8Array): Uint8Array {
  const size = escapedSize(text);
  if (size === text.length) return text;
  const target = Buffer.allocUnsafe(size);
  writeEscaped(target, 0, text);
  return target;
}
