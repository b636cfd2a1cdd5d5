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
  readonly CHANNELS: Constant;
  readonly INPUT: Constant;
  readonly INPUT_BYTES: Constant;
  readonly OUTPUT: Constant;
  readonly OUTPUT_BYTES: Constant;
  begin(rank: number, tables: number, run: number, pointed: number): void;
  writeBytes(count: number): number;
  writeFloats(count: number): number;
}

/** From so many elements on the kernel pays for its calls. */
export const KERNEL_ELEMENTS = 256;

/** Bytes of a text and a comma, which are copied at once whatever their length. */
const ENTRY = 16;
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
    const { SIZES, OUTPUT_BYTES, INPUT_BYTES } = this.#kernel;
    new Int32Array(this.#target.bytes.buffer, SIZES.value, rank).set(shape);
    if ("data" in elements) this.#kernel.begin(rank, 0, 0, elements.pointed ? 1 : 0);
    else this.#kernel.begin(rank, elements.channels, elements.run, 0);
    const width = "data" in elements ? FLOAT32_WIDTH : elements.width;
    // Two brackets and a comma for each array, and what stands behind the last element.
    const text = Buffer.allocUnsafeSlow(count * (width + 1) + 3 * arrays + 2 * rank + ENTRY);
    // Behind each element a row may end.
    const piece = Math.min(INPUT_BYTES.value / 4, Math.floor((OUTPUT_BYTES.value - ENTRY) / (ENTRY + 2 * rank)));
    let length = rank;
    text.fill(OPEN_ARRAY, 0, rank);
    this.#elements = elements;
    for (let from = 0; from < count; from += piece) {
      this.#from = from;
      const end = this.#write(elements, Math.min(piece, count - from));
      text.set(this.#target.bytes.subarray(this.#output, end), length);
      length += end - this.#output;
    }
    this.#elements = undefined;
    // A comma and the brackets of what does not follow.
    return text.subarray(0, length - 1 - rank);
  }

  #write(elements: KernelElements, count: number): number {
    const { bytes } = this.#target;
    const { INPUT } = this.#kernel;
    const from = this.#from;
    if ("data" in elements) {
      const { buffer, byteOffset } = elements.data;
      bytes.set(new Uint8Array(buffer, byteOffset + from * 4, count * 4), INPUT.value);
      return this.#kernel.writeFloats(count);
    }
    bytes.set(elements.bytes.subarray(from, from + count), INPUT.value);
    return this.#kernel.writeBytes(count);
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
