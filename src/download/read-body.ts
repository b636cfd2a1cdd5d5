import type { Readable } from "node:stream";
import { InferenceError } from "../errors.ts";

/** The body was longer than its limit. */
export function tooLarge(what: string, maxBytes: number): InferenceError {
  return new InferenceError(`${what}: larger than the limit of ${maxBytes} bytes`, { code: "payload_too_large" });
}

/**
 * A whole body, never more than `maxBytes` of it in memory.
 * @throws InferenceError payload_too_large; the stream is destroyed then.
 */
export async function readBody(stream: Readable, maxBytes: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(what, maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
}
