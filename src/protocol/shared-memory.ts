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
  const scanner = new WordScanner(REGION);
  return chunks.some((chunk) => scanner.finds(chunk));
}

/**
 * A check of JSON chunks that are handed on as they come, where nothing can be read twice: the name as a whole JSON string, so
 * text that speaks of it passes.
 * @throws InferenceError invalid_argument, from the returned function.
 */
export function createSharedMemoryCheck(): (chunk: Uint8Array) => void {
  const scanner = new WordScanner(`"${REGION}"`);
  return (chunk) => {
    if (scanner.finds(chunk))
      throw invalidArgument(`shared memory (parameter '${REGION}') is not taken, send its data`);
  };
}

/** Looks for a word in chunks that come one after the other. */
class WordScanner {
  readonly #word: string;
  #tail: Buffer = Buffer.alloc(0);

  constructor(word: string) {
    this.#word = word;
  }

  /** True where the word ends in this chunk. */
  finds(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const { length } = this.#word;
    const tail = this.#tail;
    // The word may lie across chunks; one chunk alone has no seam.
    this.#tail =
      tail.length === 0 ? bytes.subarray(-length) : Buffer.concat([tail, bytes.subarray(-length)]).subarray(-length);
    if (bytes.includes(this.#word, 0, "latin1")) return true;
    return tail.length > 0 && Buffer.concat([tail, bytes.subarray(0, length)]).includes(this.#word, 0, "latin1");
  }
}
