import { brandClass, hasBrand } from "../brand.ts";
import { authorsFault } from "./elements/authors-fault.ts";
import { assertShape, elementCount, formatShape } from "./shape.ts";
import type { Parameters, Tensor } from "./tensor.ts";

/**
 * An FP32 tensor kept as bytes and the 256 values that a byte stands for in each channel: an image costs a quarter of the
 * memory, floats are made only when `data` is read, and codecs write text or bytes straight from the tables.
 */
export class LookupTensor implements Tensor<"FP32"> {
  static {
    brandClass(LookupTensor, "LookupTensor");
  }

  readonly datatype = "FP32";
  readonly name: string;
  readonly shape: readonly number[];
  /** One byte an element, in the order of the elements. */
  readonly bytes: Uint8Array;
  /** `tables[channel][byte]` is the element's value; 256 values each. */
  readonly tables: readonly Float32Array[];
  /** Elements of one channel that follow each other: 1 for NHWC, height × width for NCHW. */
  readonly run: number;
  readonly parameters?: Parameters;
  #data: Float32Array | undefined;

  /**
   * @throws InferenceError internal when product(shape) is not bytes.length, a table has not 256 values, or the run
   * is no whole number from 1 on.
   */
  constructor(
    name: string,
    shape: readonly number[],
    bytes: Uint8Array,
    tables: readonly Float32Array[],
    options: { readonly run?: number; readonly parameters?: Parameters } = {},
  ) {
    assertShape(shape, name);
    if (elementCount(shape) !== bytes.length) {
      throw authorsFault(
        `tensor '${name}': shape ${formatShape(shape)} takes ${elementCount(shape)} elements, got ${bytes.length}`,
      );
    }
    if (tables.length === 0 || tables.some((table) => table.length !== 256)) {
      throw authorsFault(`tensor '${name}': a lookup tensor needs tables of 256 values each`);
    }
    const run = options.run ?? 1;
    if (bytes.length > 0 && !(Number.isSafeInteger(run) && run > 0)) {
      throw authorsFault(`tensor '${name}': run must be a whole number from 1 on, got ${run}`);
    }
    this.name = name;
    this.shape = shape;
    this.bytes = bytes;
    this.tables = tables;
    this.run = run;
    if (options.parameters !== undefined) this.parameters = options.parameters;
  }

  /** True for a lookup tensor of this or of another copy of the package. */
  static isInstance(value: unknown): value is LookupTensor {
    return typeof value === "object" && hasBrand(value, "LookupTensor");
  }

  /** The floats, made at the first reading and kept. */
  get data(): Float32Array {
    if (this.#data === undefined) {
      this.#data = new Float32Array(this.bytes.length);
      this.fill(this.#data);
    }
    return this.#data;
  }

  /** Writes the floats into `target`, from element `from` on as many as it takes, without keeping them. */
  fill(target: Float32Array, from = 0): void {
    const { bytes, tables, run } = this;
    const channels = tables.length;
    const stop = Math.min(from + target.length, bytes.length);
    let channel = Math.floor(from / run) % channels;
    let end = from - (from % run) + run;
    for (let start = from; start < stop; start = end, end += run) {
      const table = tables[channel] as Float32Array;
      const last = Math.min(end, stop);
      for (let i = start; i < last; i++) target[i - from] = table[bytes[i] as number] as number;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
  }
}

/** The same tensor under another name; its elements are shared, and not made by this. */
export function renameTensor(tensor: Tensor, name: string): Tensor {
  if (tensor.name === name) return tensor;
  if (LookupTensor.isInstance(tensor)) {
    const { shape, bytes, tables, run, parameters } = tensor;
    return new LookupTensor(name, shape, bytes, tables, parameters === undefined ? { run } : { run, parameters });
  }
  const { datatype, shape, parameters } = tensor;
  return {
    name,
    datatype,
    shape,
    get data() {
      return tensor.data;
    },
    ...(parameters === undefined ? {} : { parameters }),
  };
}
