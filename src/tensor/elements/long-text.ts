import { Buffer } from "node:buffer";
import { isHighSurrogate } from "../../shorten-text.ts";
import { PIECE, type Steps } from "../../turns.ts";
import type { JsonValue } from "../json-value.ts";
import { decodeBase64 } from "./base64-decoder.ts";
import { isBase64Object } from "./element-rules.ts";

/** A BYTES element as JSON has it. */
export type TextValue = string | { readonly b64: string };

/** True for a text, or base64, that takes long to become bytes. */
export function isLongText(value: JsonValue): value is TextValue {
  if (typeof value === "string") return value.length > PIECE;
  return typeof value === "object" && isBase64Object(value) && value.b64.length > PIECE;
}

/** Its bytes, a piece at a time: the same as those of the rule for BYTES, undefined for what is no base64. */
export function* encodeLongText(value: TextValue): Steps<Uint8Array | undefined> {
  if (typeof value === "string") return yield* encodeText(value);
  const { b64: text } = value;
  const start = /^data:/i.test(text) ? text.indexOf(",") + 1 : 0;
  if (start > 0 && !/;base64$/i.test(text.slice(0, start - 1))) return undefined;
  const refuse = (fault: string) => new SyntaxError(fault);
  try {
    return yield* decodeBase64(text.length - start, (from, to) => text.slice(start + from, start + to), { refuse });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function* encodeText(text: string): Steps<Uint8Array> {
  const bytes = new Uint8Array(Buffer.byteLength(text));
  yield;
  const encoder = new TextEncoder();
  let at = 0;
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + PIECE);
    // Both halves of a pair in one piece: alone neither is a character.
    if (to < text.length && isHighSurrogate(text, to - 1)) to--;
    at += encoder.encodeInto(text.slice(from, to), bytes.subarray(at)).written;
    from = to;
    yield;
  }
  return bytes;
}
