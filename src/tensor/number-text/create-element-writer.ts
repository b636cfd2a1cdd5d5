import { isUtf8 } from "node:buffer";
import { type InferenceError, invalidArgument } from "../../errors.ts";
import { assertElements } from "../elements/assert-elements.ts";
import { formatBase64 } from "../elements/base64.ts";
import { fromBfloat16Array, fromFloat16Array } from "../elements/float16.ts";
import { LookupTensor } from "../lookup-tensor.ts";
import { isTensorOf, type Tensor } from "../tensor.ts";
import { createMemoWriter, MEMO_ELEMENTS } from "./create-memo-writer.ts";
import { createTableWriter } from "./create-table-writer.ts";
import { type ElementWriter, writeRowBreak } from "./element-writer.ts";
import { KERNEL_ELEMENTS } from "./kernel/text-kernel.ts";
import { type TextTarget, writeAscii, writeWhole } from "./write-digits.ts";
import { FLOAT32_WIDTH, writeFloat32 } from "./write-float32.ts";
import { FLOAT64_WIDTH, writeFloat64 } from "./write-float64.ts";
import { jsonStringSize, writeJsonString } from "./write-json-string.ts";

/** Writes element `index`; returns where the next byte goes. */
type WriteElement = (target: TextTarget, at: number, index: number) => number;

/** BYTES elements as strings; as `{"b64": base64}`; or as strings where they are UTF-8, else base64. */
export type BytesForm = "text" | "b64" | "textOrB64";

/** The text that stands for a NaN or an infinity, 15 bytes at most. */
export type NonFiniteText = (value: number) => string;

export interface ElementWriterOptions {
  /** BYTES elements as strings, which must be UTF-8; as V1's `{"b64": base64}`; or each as what fits. @default "text" */
  readonly bytes?: BytesForm;
  /** Floats that are whole numbers keep their point, `255.0`: without datatypes nothing else says float. @default false */
  readonly pointed?: boolean;
  /** @default an error, since JSON has no number for them */
  readonly nonFinite?: NonFiniteText | undefined;
}

/**
 * @param first number of the first element in messages, where the tensor is a part of one.
 * @throws InferenceError internal for elements of another class or number than datatype and shape say.
 */
export function createElementWriter(tensor: Tensor, options: ElementWriterOptions, first = 0): ElementWriter {
  if (LookupTensor.isInstance(tensor)) return lookupWriter(tensor, options);
  assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  if (isTensorOf(tensor, "BYTES")) return bytesWriter(tensor, options.bytes ?? "text", first);
  if (isTensorOf(tensor, "BOOL")) {
    return byteWriter(tensor.data, 5, (target, at, byte) => writeAscii(target, at, byte === 0 ? "false" : "true"));
  }
  if (isTensorOf(tensor, "UINT8")) return byteWriter(tensor.data, 3, writeWhole);
  if (isTensorOf(tensor, "INT8")) {
    const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length);
    return byteWriter(bytes, 4, (target, at, byte) => writeWhole(target, at, byte < 128 ? byte : byte - 256));
  }
  if (isTensorOf(tensor, "FP16")) return float32Writer(tensor, fromFloat16Array(tensor.data), options, first);
  if (isTensorOf(tensor, "BF16")) return float32Writer(tensor, fromBfloat16Array(tensor.data), options, first);
  if (isTensorOf(tensor, "FP32")) return float32Writer(tensor, tensor.data, options, first);
  if (isTensorOf(tensor, "FP64")) return float64Writer(tensor, options, first);
  if (isTensorOf(tensor, "INT64") || isTensorOf(tensor, "UINT64")) return bigintWriter(tensor.data);
  const data = tensor.data as Int32Array;
  return fixedWriter(11, (target, at, index) => writeWhole(target, at, data[index] as number));
}

function lookupWriter(tensor: LookupTensor, { pointed = false, nonFinite }: ElementWriterOptions): ElementWriter {
  const { bytes, tables, run } = tensor;
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  return createTableWriter({
    bytes,
    channels: tables.length,
    run,
    width: FLOAT32_WIDTH,
    writeEntry(target, at, channel, byte) {
      value[0] = (tables[channel] as Float32Array)[byte] as number;
      if (!Number.isFinite(value[0])) return writeNonFinite(target, at, value[0], nonFinite, tensor);
      return writeFloat32(target, at, value[0], bits[0] as number, pointed);
    },
  });
}

function byteWriter(
  bytes: Uint8Array,
  width: number,
  writeByte: (target: TextTarget, at: number, byte: number) => number,
): ElementWriter {
  return createTableWriter({
    bytes,
    channels: 1,
    run: bytes.length,
    width,
    writeEntry: (target, at, _channel, byte) => writeByte(target, at, byte),
  });
}

function fixedWriter(width: number, writeElement: WriteElement): ElementWriter {
  return {
    slack: 0,
    size: (_from, count) => count * (width + 1),
    write(target, start, from, size, rows) {
      let at = start;
      let index = from;
      for (let row = 0; row < rows; row++) {
        if (row > 0) at = writeRowBreak(target, at);
        if (size > 0) at = writeElement(target, at, index);
        const end = index + size;
        for (index++; index < end; index++) {
          target.bytes[at] = 0x2c;
          at = writeElement(target, at + 1, index);
        }
        index = end;
      }
      return at;
    },
  };
}

function float32Writer(
  tensor: Tensor,
  data: Float32Array,
  { pointed = false, nonFinite }: ElementWriterOptions,
  first: number,
): ElementWriter {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const writeElement: WriteElement = (target, at, index) => {
    const value = data[index] as number;
    if (!Number.isFinite(value)) return writeNonFinite(target, at, value, nonFinite, tensor, first + index);
    return writeFloat32(target, at, value, bits[index] as number, pointed);
  };
  if (data.length < KERNEL_ELEMENTS) return fixedWriter(FLOAT32_WIDTH, writeElement);
  const writer =
    data.length >= MEMO_ELEMENTS ? createMemoWriter(data, writeElement) : fixedWriter(FLOAT32_WIDTH, writeElement);
  return { ...writer, elements: { data, pointed, writeElement } };
}

function float64Writer(
  tensor: Tensor<"FP64">,
  { pointed = false, nonFinite }: ElementWriterOptions,
  first: number,
): ElementWriter {
  const { data } = tensor;
  const halves = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
  const parts = new Float64Array(2);
  return fixedWriter(FLOAT64_WIDTH, (target, at, index) => {
    const value = data[index] as number;
    if (!Number.isFinite(value)) return writeNonFinite(target, at, value, nonFinite, tensor, first + index);
    return writeFloat64(target, at, value, halves[2 * index + 1] as number, parts, pointed);
  });
}

function bigintWriter(data: BigInt64Array | BigUint64Array): ElementWriter {
  const isSigned = data instanceof BigInt64Array;
  const halves = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  return fixedWriter(20, (target, at, index) => {
    // Halves spare the allocation of a BigInt where the number fits into a double.
    const upper = isSigned ? (halves[2 * index + 1] as number) : (halves[2 * index + 1] as number) >>> 0;
    const whole = upper * 2 ** 32 + ((halves[2 * index] as number) >>> 0);
    return Number.isSafeInteger(whole) ? writeWhole(target, at, whole) : writeAscii(target, at, String(data[index]));
  });
}

function bytesWriter({ name, data }: Tensor<"BYTES">, form: BytesForm, first: number): ElementWriter {
  /** Size as a string; undefined where the element goes as base64. */
  const sizeAsText = (index: number): number | undefined => {
    const size = form === "b64" ? undefined : jsonStringSize(data[index] as Uint8Array);
    if (size !== undefined || form !== "text") return size;
    throw notUtf8(name, first + index);
  };
  const writeElement: WriteElement = (target, at, index) => {
    const element = data[index] as Uint8Array;
    const isText = form === "text" || (form === "textOrB64" && isUtf8(element));
    return isText ? writeJsonString(target, at, element) : writeAscii(target, at, `{"b64":"${formatBase64(element)}"}`);
  };
  return {
    ...fixedWriter(0, writeElement),
    size(from, count) {
      let size = count;
      for (let i = from; i < from + count; i++) {
        size += sizeAsText(i) ?? 10 + 4 * Math.ceil((data[i] as Uint8Array).length / 3);
      }
      return size;
    },
  };
}

export function notUtf8(tensor: string, index: number): InferenceError {
  return invalidArgument(
    `tensor '${tensor}': element ${index} is not UTF-8, which JSON strings must be; use binary data or gRPC`,
  );
}

function writeNonFinite(
  target: TextTarget,
  at: number,
  value: number,
  text: NonFiniteText | undefined,
  tensor: Tensor,
  index?: number,
): number {
  if (text !== undefined) return writeAscii(target, at, text(value));
  const where = index === undefined ? "a value" : `element ${index}`;
  throw invalidArgument(
    `tensor '${tensor.name}': ${where} is ${value}, which JSON has no number for; use binary data or gRPC`,
  );
}
