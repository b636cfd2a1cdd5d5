import { Buffer } from "node:buffer";
import type { Steps } from "../turns.ts";

/**
 * The parts as one block, copied a part at a time.
 * @param bytes of the block, where it is to be shorter than the parts: those behind it are not asked for
 */
export function* joinParts(parts: Iterable<Uint8Array>, bytes: number): Steps<Buffer> {
  const joined = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const part of parts) {
    const taken = part.subarray(0, bytes - at);
    joined.set(taken, at);
    at += taken.length;
    if (at === bytes) break;
    // A bracket or a comma is no work.
    if (taken.length > 1) yield;
  }
  return joined;
}

/** Bytes of all parts together. */
export function byteLength(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.byteLength;
  return bytes;
}
