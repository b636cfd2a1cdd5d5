import { Buffer } from "node:buffer";
import { invalidArgument } from "../errors.ts";
import { inSteps } from "../resumable.ts";
import type { Steps } from "../turns.ts";
import type { NumericData } from "./datatype.ts";
import { assertElements } from "./elements/assert-elements.ts";
import { fitting, formatLongBytes } from "./elements/format-long-bytes.ts";
import { byteLength, joinParts } from "./join-parts.ts";
import { LookupTensor } from "./lookup-tensor.ts";
import { FEW, SOME, weightsOf } from "./nested/nest-elements.ts";
import { createElementWriter, type ElementWriterOptions, notUtf8 } from "./number-text/create-element-writer.ts";
import type { ElementWriter } from "./number-text/element-writer.ts";
import { KERNEL_ELEMENTS, loadTextKernel } from "./number-text/kernel/text-kernel.ts";
import { TextPieces } from "./number-text/kernel/text-pieces.ts";
import type { TextTarget } from "./number-text/write-digits.ts";
import { assertNestable, elementCount } from "./shape.ts";
import { createTensor, type Tensor } from "./tensor.ts";

export type FormatElementsOptions = ElementWriterOptions;

/**
 * A tensor's elements as JSON text in UTF-8, one flat array or nested as the shape is. Floats have the shortest text that
 * reads back as the same FP32 or FP64, 64-bit integers all their digits; a lookup tensor is written from its tables.
 * @throws InferenceError invalid_argument for what JSON cannot say: NaN and infinities without `nonFinite`, and text that is
 *   not UTF-8.
 */
export function formatElements(
  tensor: Tensor,
  layout: "flat" | "nested",
  options: FormatElementsOptions = {},
): Uint8Array {
  const count = elementCount(tensor.shape);
  const shape = layout === "flat" ? [count] : tensor.shape;
  assertNestable(shape, tensor.name);
  if (isShort(tensor)) return formatPart(tensor, shape, 0, options);
  const key = `text of ${shape}${options.pointed === true ? ", pointed" : ""}, ${options.bytes}`;
  return inSteps(tensor, key, () => formatParts(tensor, shape, options));
}

/** True for a tensor whose text is made at once. */
export function isShort(tensor: Tensor): boolean {
  if (LookupTensor.isInstance(tensor)) return true;
  const count = elementCount(tensor.shape);
  return count <= FEW && (tensor.datatype !== "BYTES" || fitting(tensor.data, 0, count, 1) === 1);
}

/** The text of so many elements at a time, joined. */
export function* formatParts(
  tensor: Tensor,
  shape: readonly number[],
  options: FormatElementsOptions,
  first = 0,
): Steps<Uint8Array> {
  assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  const weights = weightsOf(shape);
  const parts: Uint8Array[] = [];
  let next = 0;
  const write = function* (level: number): Steps<void> {
    const size = shape[level];
    if (size === undefined) {
      const refuse = () => notUtf8(tensor.name, first + next);
      for (const part of yield* formatLongBytes(tensor.data[next] as Uint8Array, options.bytes ?? "text", refuse)) {
        parts.push(part);
      }
      next += 1;
      return;
    }
    parts.push(OPEN);
    const below = shape.slice(level + 1);
    const inner = elementCount(below);
    const most = Math.floor(SOME / (weights[level + 1] ?? 1));
    for (let i = 0; i < size; ) {
      if (i > 0) parts.push(COMMA);
      const some = fitting(tensor.data, next, inner, Math.min(most, size - i));
      if (some === 0) {
        yield* write(level + 1);
        i += 1;
        continue;
      }
      const part = [some, ...below];
      parts.push(formatPart(sliceElements(tensor, next, part), part, first + next, options).subarray(1, -1));
      next += some * inner;
      i += some;
      yield;
    }
    parts.push(CLOSE);
  };
  yield* write(0);
  return yield* joinParts(parts, byteLength(parts));
}

const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

/** The elements from `from` on that a shape takes, as a tensor of that shape. */
export function sliceElements(tensor: Tensor, from: number, shape: readonly number[]): Tensor {
  const { name, datatype } = tensor;
  if (LookupTensor.isInstance(tensor)) {
    const floats = new Float32Array(elementCount(shape));
    tensor.fill(floats, from);
    return createTensor(name, datatype, shape, floats as never);
  }
  const { data } = tensor;
  const to = from + elementCount(shape);
  const part = Array.isArray(data) ? data.slice(from, to) : (data as NumericData).subarray(from, to);
  return createTensor(name, datatype, shape, part as never);
}

function formatPart(
  tensor: Tensor,
  shape: readonly number[],
  first: number,
  options: FormatElementsOptions,
): Uint8Array {
  const count = elementCount(shape);
  const arrays = assertNestable(shape, tensor.name);
  const writer = createElementWriter(tensor, options, first);
  const { elements } = writer;
  if (elements !== undefined && count >= KERNEL_ELEMENTS && shape.length > 0) {
    const kernel = loadTextKernel();
    if (kernel?.takes(elements)) return kernel.format(elements, shape, arrays);
  }
  const text = new NestedText(writer, shape, arrays);
  text.write(0, 0, count);
  return text.finish();
}

/** From so many elements on a text is made in pieces: it has 64 KiB at the least and half a megabyte with usual pictures. */
export const PIECED_ELEMENTS: number = 32_768;

/**
 * The text of a long array of bytes or of a lookup tensor, made while it is read; undefined for other tensors, whose text is as
 * long as it is only when it is written. Elements of the caller's are copied, so that the text is that of now.
 * @throws InferenceError as `formatElements`, now and not later.
 */
export function formatElementsInPieces(
  tensor: Tensor,
  layout: "flat" | "nested",
  options: FormatElementsOptions = {},
): TextPieces | undefined {
  const { name, datatype } = tensor;
  const isLookup = LookupTensor.isInstance(tensor);
  const count = elementCount(tensor.shape);
  const shape = layout === "flat" ? [count] : tensor.shape;
  if (count < PIECED_ELEMENTS) return undefined;
  if (!isLookup && !(BYTE_DATATYPES.has(datatype) && count <= MEASURED_ELEMENTS)) return undefined;
  const arrays = assertNestable(shape, name);
  const kernel = loadTextKernel();
  const { elements } = createElementWriter(tensor, options);
  if (elements === undefined || "data" in elements || kernel?.takes(elements) !== true) return undefined;
  return new TextPieces(kernel, isLookup ? elements : { ...elements, bytes: elements.bytes.slice() }, shape, arrays);
}

/** More are not measured and copied at once: their text is written in steps. */
const MEASURED_ELEMENTS = 4 * 1024 * 1024;

const BYTE_DATATYPES: ReadonlySet<string> = new Set(["UINT8", "INT8", "BOOL"]);

export interface FormattedRows {
  /** The rows' JSON texts, one behind the other with nothing between. */
  readonly text: Uint8Array;
  /** Row `i` is `text.subarray(offsets[i], offsets[i + 1])`; one offset more than there are rows. */
  readonly offsets: Uint32Array;
}

/**
 * A tensor's rows as JSON texts, for bodies that weave several tensors into objects; as `formatElements` else.
 * @param first number of the first element in messages, where the tensor is a part of one.
 * @throws InferenceError invalid_argument also for a scalar, which has no rows.
 */
export function formatRows(tensor: Tensor, options: FormatElementsOptions = {}, first = 0): FormattedRows {
  const { name, shape } = tensor;
  const [rows] = shape;
  if (rows === undefined)
    throw invalidArgument(`tensor '${name}': expected a dimension of rows, got the scalar shape []`);
  const text = new NestedText(createElementWriter(tensor, options, first), shape, assertNestable(shape, name));
  const size = rows === 0 ? 0 : elementCount(shape) / rows;
  const offsets = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    text.write(1, row * size, size);
    offsets[row + 1] = text.length;
  }
  return { text: text.finish(), offsets };
}

/** Nested arrays in one buffer that is large enough from the start. */
class NestedText {
  length = 0;
  readonly #target: TextTarget;
  readonly #writer: ElementWriter;
  readonly #shape: readonly number[];

  constructor(writer: ElementWriter, shape: readonly number[], arrays: number) {
    this.#writer = writer;
    this.#shape = shape;
    // Two brackets and a comma for each array.
    const size = this.#writer.size(0, elementCount(shape)) + 3 * arrays + this.#writer.slack;
    // Not zeroed, as all that `finish` gives is written, and not from the pool, as it may go to another thread.
    const bytes = Buffer.allocUnsafeSlow(size);
    this.#target = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) };
  }

  /** Writes what lies below `level` of the shape: `count` elements from `from` on. */
  write(level: number, from: number, count: number): void {
    const { bytes } = this.#target;
    const below = this.#shape.length - level;
    if (below === 0) {
      this.#writeRows(from, 1, 1);
      return;
    }
    const size = this.#shape[level] as number;
    bytes[this.length++] = 0x5b;
    if (below === 1) {
      this.#writeRows(from, size, 1);
    } else if (below === 2 && size > 0) {
      bytes[this.length++] = 0x5b;
      this.#writeRows(from, this.#shape[level + 1] as number, size);
      bytes[this.length++] = 0x5d;
    } else {
      const inner = count / size;
      for (let i = 0; i < size; i++) {
        if (i > 0) bytes[this.length++] = 0x2c;
        this.write(level + 1, from + i * inner, inner);
      }
    }
    bytes[this.length++] = 0x5d;
  }

  /** The two innermost levels are one loop: an image's rows are as short as its channels. */
  #writeRows(from: number, size: number, rows: number): void {
    this.length = this.#writer.write(this.#target, this.length, from, size, rows);
  }

  finish(): Uint8Array {
    return this.#target.bytes.subarray(0, this.length);
  }
}
