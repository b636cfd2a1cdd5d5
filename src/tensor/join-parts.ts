import { Buffer } from "node:buffer";
import type { Steps } from "../turns.ts";

/** The parts as one block, copied a part at a time. */
export function* joinParts(parts: readonly Uint8Array[]): Steps<Uint8Array> {
  const joined = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
    if (part.length > 1) yield;
  }
  return joined;
}
