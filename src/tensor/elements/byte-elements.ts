import { invalidArgument } from "../../errors.ts";
import { inSteps } from "../../resumable.ts";
import { finish, type Steps } from "../../turns.ts";
import { FEW, SOME } from "../nested/nest-elements.ts";

/** Views made at once: each takes as long as many a number. */
const VIEWS = SOME / 4;

/**
 * BYTES elements as the binary tensor data extension frames them: a 4-byte little-endian length before each.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
export function encodeByteElements(elements: readonly Uint8Array[]): Uint8Array {
  if (elements.length <= FEW) return finish(frame(elements));
  return inSteps(elements, "frames", () => frame(elements));
}

function* frame(elements: readonly Uint8Array[]): Steps<Uint8Array> {
  let size = 4 * elements.length;
  for (const { length } of elements) size += length;
  const framed = new Uint8Array(size);
  const view = new DataView(framed.buffer);
  let at = 0;
  for (const [index, element] of elements.entries()) {
    view.setUint32(at, element.length, true);
    framed.set(element, at + 4);
    at += 4 + element.length;
    if (index % SOME === SOME - 1) yield;
  }
  return framed;
}

/**
 * The elements of framed bytes as views, without a copy. All lengths are checked before anything is allocated.
 * @throws InferenceError invalid_argument when the bytes do not hold exactly `count` elements.
 */
export function decodeByteElements(bytes: Uint8Array, count: number, tensor: string): Uint8Array[] {
  if (count <= FEW) return finish(unframe(bytes, count, tensor));
  // Not by the view, which is another one each time.
  return inSteps(bytes.buffer, `elements at ${bytes.byteOffset}`, () => unframe(bytes, count, tensor));
}

function* unframe(bytes: Uint8Array, count: number, tensor: string): Steps<Uint8Array[]> {
  const found = yield* countFrames(bytes, tensor);
  if (found !== count) {
    throw invalidArgument(
      `tensor '${tensor}': expected ${count} BYTES elements, got ${found} in ${bytes.length} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements = new Array<Uint8Array>(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = at + 4 + view.getUint32(at, true);
    elements[i] = bytes.subarray(at + 4, end);
    at = end;
    if (i % VIEWS === VIEWS - 1) yield;
  }
  return elements;
}

function* countFrames(bytes: Uint8Array, tensor: string): Steps<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let found = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const length = left < 4 ? undefined : view.getUint32(at, true);
    if (length === undefined || length > left - 4) {
      const expected = length === undefined ? "a 4-byte length" : `${length} bytes`;
      const got = length === undefined ? left : left - 4;
      throw invalidArgument(`tensor '${tensor}': expected ${expected} for BYTES element ${found}, got ${got} left`);
    }
    at += 4 + length;
    found++;
    if (found % SOME === 0) yield;
  }
  return found;
}
