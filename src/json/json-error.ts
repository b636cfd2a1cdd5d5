import { type InferenceError, invalidArgument } from "../errors.ts";

/** The error for text that is not JSON; `position` counts bytes from the start of the body. */
export function jsonError(problem: string, position: number): InferenceError {
  return invalidArgument(`body is not JSON: ${problem} at byte ${position}`);
}

/** How a byte of JSON text is named in messages. */
export function formatByte(byte: number | undefined): string {
  if (byte === undefined) return "the end";
  if (byte === 0x27) return "a single quote (JSON takes double quotes)";
  return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16).padStart(2, "0")}`;
}
