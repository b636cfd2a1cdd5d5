import { compileWasm, instantiateWasm, type WasmMemory } from "../../compile-wasm.ts";
import { MAX_POWER, powerOfTen } from "../decimal.ts";
import type { FloatElements, TableElements } from "../element-writer.ts";
import type { TextTarget } from "../write-digits.ts";
import { FLOAT32_WIDTH } from "../write-float32.ts";

type KernelElements = TableElements | FloatElements;

interface Constant {
  readonly value: number;
}

/** What text-kernel.as.ts exports: functions, and places in its memory. */
interface TextKernelExports {
  readonly memory: WasmMemory;
  readonly SIZES: Constant;
  readonly POWERS: Constant;
  readonly TABLE_TEXTS: Constant;
  readonly TABLE_LENGTHS: Constant;
  readonly CHANNELS: Constant;
  readonly INPUT: Constant;
  readonly INPUT_BYTES: Constant;
  readonly OUTPUT: Constant;
  readonly OUTPUT_BYTES: Constant;
  begin(rank: number, tables: number, run: number, pointed: number, from: number): void;
  measureBytes(count: number): number;
  writeBytes(count: number): number;
  writeFloats(count: number): number;
}

/** Elements whose text is to be made in pieces, and what was found out about it. */
export interface MeasuredElements {
  readonly elements: TableElements;
  /** Bytes of all texts and of a comma between each two, without brackets. */
  readonly length: number;
  /** The tables' texts, and how long each is: each is made once, whatever the pieces. */
  readonly texts: Uint8Array;
  readonly lengths: Uint8Array;
}

/** What a call has written. */
export interface Filled {
  /** The first element of the next piece. */
  readonly next: number;
  /** Bytes of this one. */
  readonly length: number;
}

/** From so many elements on the kernel pays for its calls. */
export const KERNEL_ELEMENTS = 256;

/** Bytes of a text and a comma, which are copied at once whatever their length. */
const ENTRY = 16;
/** Elements that go through the memory at once; INPUT_BYTES hold as many FP32. */
const MAX_STEP = 4096;
/** Where a piece has an end: little of its room is left over. */
const SMALL_STEP = 1024;
const PAGE_BYTES = 65536;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;

/** Number arrays as text in WebAssembly: bytes and FP32. One at a time goes through its memory, in pieces. */
export class TextKernel {
  readonly #kernel: TextKernelExports;
  readonly #target: TextTarget;
  readonly #output: number;
  #elements: KernelElements | undefined;
  /** Of the piece's first element. */
  #from = 0;

  constructor(module: object) {
    this.#kernel = instantiateWasm<TextKernelExports>(module, {
      "text-kernel.as": {
        writeEntry: (entry: number, at: number) => this.#writeEntry(entry, at),
        writeRare: (element: number, at: number) => this.#writeRare(element, at),
      },
    });
    const { memory, OUTPUT, OUTPUT_BYTES, POWERS } = this.#kernel;
    this.#output = OUTPUT.value;
    memory.grow(Math.ceil((OUTPUT.value + OUTPUT_BYTES.value - memory.buffer.byteLength) / PAGE_BYTES));
    this.#target = { bytes: new Uint8Array(memory.buffer), view: new DataView(memory.buffer) };
    const powers = new Float64Array(memory.buffer, POWERS.value, 2 * MAX_POWER + 1);
    for (let i = 0; i < powers.length; i++) powers[i] = powerOfTen(i - MAX_POWER);
  }

  /** True for elements that it can write. */
  takes(elements: KernelElements): boolean {
    return "data" in elements || elements.channels <= this.#kernel.CHANNELS.value;
  }

  /**
   * The same text as `formatElements` makes in JavaScript.
   * @param shape of one dimension or more, none of them 0
   * @param arrays that the shape nests into
   * @throws InferenceError for elements that JSON has no number for.
   */
  format(elements: KernelElements, shape: readonly number[], arrays: number): Uint8Array {
    const rank = shape.length;
    const count = "data" in elements ? elements.data.length : elements.bytes.length;
    this.#begin(elements, shape, 0);
    const width = "data" in elements ? FLOAT32_WIDTH : elements.width;
    // Two brackets and a comma for each array, and what stands behind the last element.
    const text = Buffer.allocUnsafeSlow(count * (width + 1) + 3 * arrays + 2 * rank + ENTRY);
    const step = this.#stepOf(rank, MAX_STEP);
    let length = rank;
    text.fill(OPEN_ARRAY, 0, rank);
    for (let from = 0; from < count; from += step) {
      length += this.#write(elements, from, Math.min(step, count - from), text, length);
    }
    this.#elements = undefined;
    // A comma and the brackets of what does not follow.
    return text.subarray(0, length - 1 - rank);
  }

  /**
   * What is to be known before the first piece of a text.
   * @throws InferenceError for elements that JSON has no number for.
   */
  measure(elements: TableElements): MeasuredElements {
    const { INPUT, INPUT_BYTES, TABLE_TEXTS, TABLE_LENGTHS } = this.#kernel;
    const { bytes, channels } = elements;
    const memory = this.#target.bytes;
    this.#begin(elements, [bytes.length], 0);
    let length = 0;
    for (let from = 0; from < bytes.length; from += INPUT_BYTES.value) {
      const input = bytes.subarray(from, from + INPUT_BYTES.value);
      memory.set(input, INPUT.value);
      length += this.#kernel.measureBytes(input.length);
    }
    this.#elements = undefined;
    const entries = channels * 256;
    return {
      elements,
      length: length - 1,
      texts: memory.slice(TABLE_TEXTS.value, TABLE_TEXTS.value + entries * ENTRY),
      lengths: memory.slice(TABLE_LENGTHS.value, TABLE_LENGTHS.value + entries),
    };
  }

  /**
   * Writes text to the begin of `target`, from element `from` on as far as there is room: the texts of all calls, one behind
   * the other, are what `format` gives. One call knows nothing of another.
   */
  fill(
    target: Uint8Array,
    { elements, texts, lengths }: MeasuredElements,
    shape: readonly number[],
    from: number,
  ): Filled {
    const rank = shape.length;
    const count = elements.bytes.length;
    this.#begin(elements, shape, from);
    this.#target.bytes.set(texts, this.#kernel.TABLE_TEXTS.value);
    this.#target.bytes.set(lengths, this.#kernel.TABLE_LENGTHS.value);
    const step = this.#stepOf(rank, SMALL_STEP);
    const room = target.length - ENTRY - step * (ENTRY + 2 * rank);
    let next = from;
    let length = from === 0 ? rank : 0;
    target.fill(OPEN_ARRAY, 0, length);
    for (; next < count && length <= room; next = Math.min(next + step, count)) {
      length += this.#write(elements, next, Math.min(step, count - next), target, length);
    }
    this.#elements = undefined;
    return { next, length: next === count ? length - 1 - rank : length };
  }

  #begin(elements: KernelElements, shape: readonly number[], from: number): void {
    const rank = shape.length;
    new Int32Array(this.#target.bytes.buffer, this.#kernel.SIZES.value, rank).set(shape);
    if ("data" in elements) this.#kernel.begin(rank, 1, 1, elements.pointed ? 1 : 0, from);
    else this.#kernel.begin(rank, elements.channels, elements.run, 0, from);
    this.#elements = elements;
  }

  /** Elements that go through the memory at once: behind each a row may end. */
  #stepOf(rank: number, most: number): number {
    return Math.min(most, Math.floor((this.#kernel.OUTPUT_BYTES.value - ENTRY) / (ENTRY + 2 * rank)));
  }

  /** Writes `count` elements to `target`; returns the bytes of their text. */
  #write(elements: KernelElements, from: number, count: number, target: Uint8Array, at: number): number {
    const { bytes } = this.#target;
    const { INPUT } = this.#kernel;
    this.#from = from;
    let end: number;
    if ("data" in elements) {
      const { buffer, byteOffset } = elements.data;
      bytes.set(new Uint8Array(buffer, byteOffset + from * 4, count * 4), INPUT.value);
      end = this.#kernel.writeFloats(count);
    } else {
      bytes.set(elements.bytes.subarray(from, from + count), INPUT.value);
      end = this.#kernel.writeBytes(count);
    }
    target.set(bytes.subarray(this.#output, end), at);
    return end - this.#output;
  }

  #writeEntry(entry: number, at: number): number {
    const { writeEntry } = this.#elements as TableElements;
    const end = writeEntry(this.#target, at, entry >> 8, entry & 255);
    this.#target.bytes[end] = COMMA;
    return end + 1 - at;
  }

  #writeRare(element: number, at: number): number {
    return (this.#elements as FloatElements).writeElement(this.#target, at, this.#from + element);
  }
}

let kernel: TextKernel | undefined | null = null;

/** The kernel of this thread, compiled at the first long array; undefined where the engine has no WebAssembly SIMD. */
export function loadTextKernel(): TextKernel | undefined {
  if (kernel === null) {
    const module = compileWasm(new URL("./text-kernel.wasm", import.meta.url));
    kernel = module === undefined ? undefined : new TextKernel(module);
  }
  return kernel;
}
