import { Buffer } from "node:buffer";
import { invalidArgument } from "../errors.ts";

/** The parameter that says where a tensor lies; the two others of the extension only come beside it. */
const REGION = "shared_memory_region";

/**
 * Triton's shared memory lies on the predictor's machine, where hooks have no access to it, so the extension is refused.
 * @throws InferenceError invalid_argument that names the tensor.
 */
export function assertNoSharedMemory(parameters: Readonly<Record<string, unknown>> | undefined, tensor: string): void {
  if (parameters === undefined || !Object.hasOwn(parameters, REGION)) return;
  throw invalidArgument(`tensor '${tensor}': shared memory (parameter '${REGION}') is not taken, send its data`);
}

/** True where unread bytes speak of shared memory at all; only these have to be read. */
export function mentionsSharedMemory(chunks: readonly Uint8Array[]): boolean {
  let tail = Buffer.alloc(0);
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (bytes.includes(REGION, 0, "latin1")) return true;
    if (chunks.length === 1) return false;
    // The word may lie across two chunks.
    const seam = Buffer.concat([tail, bytes.subarray(0, REGION.length)]);
    if (seam.includes(REGION, 0, "latin1")) return true;
    tail = Buffer.concat([tail, bytes.subarray(-REGION.length)]).subarray(-REGION.length);
  }
  return false;
}
