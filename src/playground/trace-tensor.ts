import type { NumericData } from "../tensor/datatype.ts";
import { numericElements } from "../tensor/elements/numeric-elements.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorStatistics, TensorTrace } from "./trace.ts";

/** Elements that go to the page: a picture of 1024 × 1024 with three channels fits. */
const MAX_ELEMENTS = 4 * 1024 * 1024;
const MAX_TEXTS = 1000;
const MAX_TEXT = 2000;
const BINS = 48;

const DATA_TYPES = {
  BOOL: "u8",
  UINT8: "u8",
  UINT16: "u16",
  UINT32: "u32",
  UINT64: "u64",
  INT8: "i8",
  INT16: "i16",
  INT32: "i32",
  INT64: "i64",
  FP16: "f32",
  BF16: "f32",
  FP32: "f32",
  FP64: "f64",
} as const;

/** A tensor as the page draws it: its elements and what they amount to. */
export function traceTensor(tensor: Tensor): TensorTrace {
  const { name, datatype, shape } = tensor;
  const head = { name, datatype, shape, elements: elementCount(shape) };
  if (tensor.datatype === "BYTES") {
    const texts = (tensor.data as readonly Uint8Array[]).slice(0, MAX_TEXTS).map(toText);
    return { ...head, texts, sent: texts.length };
  }
  const data = numericElements(tensor);
  const sent = data.subarray(0, MAX_ELEMENTS);
  return {
    ...head,
    statistics: describeNumbers(data),
    data: Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength).toString("base64"),
    dataType: DATA_TYPES[tensor.datatype as keyof typeof DATA_TYPES],
    sent: sent.length,
  };
}

/** Over all elements; NaN and infinite ones are counted and left out of the rest. */
function describeNumbers(data: NumericData): TensorStatistics {
  let [min, max, sum, squares, nan, infinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0];
  for (const element of data) {
    const value = Number(element);
    if (Number.isNaN(value)) nan += 1;
    else if (!Number.isFinite(value)) infinite += 1;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
    }
  }
  const finite = data.length - nan - infinite;
  if (finite === 0) return { min: 0, max: 0, mean: 0, deviation: 0, nan, infinite, histogram: [] };
  const mean = sum / finite;
  const histogram = new Array<number>(BINS).fill(0);
  const scale = max > min ? BINS / (max - min) : 0;
  for (const element of data) {
    const value = Number(element);
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    const bin = Math.min(BINS - 1, Math.floor((value - min) * scale));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  return { min, max, mean, deviation: Math.sqrt(squares / finite), nan, infinite, histogram };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function toText(bytes: Uint8Array): string {
  try {
    const text = decoder.decode(bytes);
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… ${text.length} characters` : text;
  } catch {
    const base64 = Buffer.from(bytes.subarray(0, 48)).toString("base64");
    return `base64:${base64}${bytes.length > 48 ? `… ${bytes.length} bytes` : ""}`;
  }
}
