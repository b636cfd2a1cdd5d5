import type { TensorTrace } from "../../../src/playground/trace.ts";
import { fromBase64 } from "../bytes.ts";

export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

const decoded = new WeakMap<TensorTrace, Elements>();

/** The numbers of a tensor; empty for BYTES. */
export function elementsOf(tensor: TensorTrace): Elements {
  let elements = decoded.get(tensor);
  if (elements === undefined) {
    elements = decode(tensor);
    decoded.set(tensor, elements);
  }
  return elements;
}

function decode({ data = "", dataType }: TensorTrace): Elements {
  const { buffer } = fromBase64(data);
  switch (dataType) {
    case "i8":
      return new Int8Array(buffer);
    case "u16":
      return new Uint16Array(buffer);
    case "i16":
      return new Int16Array(buffer);
    case "u32":
      return new Uint32Array(buffer);
    case "i32":
      return new Int32Array(buffer);
    case "f32":
      return new Float32Array(buffer);
    case "f64":
      return new Float64Array(buffer);
    case "u64":
      return new BigUint64Array(buffer);
    case "i64":
      return new BigInt64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

/** Where the rows, columns and channels of a picture stand in a tensor. */
export interface PictureLayout {
  readonly pictures: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly layout: "NHWC" | "NCHW";
}

const MIN_SIDE = 8;
const isChannels = (size: number | undefined): boolean => size === 1 || size === 3 || size === 4;

/** A tensor of three or four dimensions with few channels is shown as pictures. */
export function pictureLayout({ shape, dataType }: TensorTrace): PictureLayout | undefined {
  if (dataType === undefined || dataType === "i64" || dataType === "u64") return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = shape.length === 3 ? [1, ...shape] : shape;
  if (shape.length < 3 || shape.length > 4) return undefined;
  if (isChannels(d) && b >= MIN_SIDE && c >= MIN_SIDE) {
    return { pictures: a, height: b, width: c, channels: d, layout: "NHWC" };
  }
  if (isChannels(b) && c >= MIN_SIDE && d >= MIN_SIDE) {
    return { pictures: a, height: c, width: d, channels: b, layout: "NCHW" };
  }
  return undefined;
}

export function pixelIndex(
  { height, width, channels, layout }: PictureLayout,
  [picture, y, x, channel]: readonly [number, number, number, number],
): number {
  return layout === "NHWC"
    ? ((picture * height + y) * width + x) * channels + channel
    : ((picture * channels + channel) * height + y) * width + x;
}

/** The range that stands for black to white: a known one where the values fit it, else their own. */
export function pictureRange({ statistics, datatype }: TensorTrace): readonly [number, number] {
  const { min = 0, max = 1 } = statistics ?? {};
  if (datatype === "UINT8") return [0, 255];
  if (min >= 0 && max <= 1) return [0, 1];
  if (min >= -1 && max <= 1) return [-1, 1];
  if (min >= 0 && max > 2 && max <= 255) return [0, 255];
  return [min, max];
}

/** Rows and columns of anything: the last dimension across, the others down. */
export function matrixOf({ shape, sent }: TensorTrace): readonly [rows: number, columns: number] {
  const columns = shape.at(-1) ?? 1;
  return columns === 0 ? [0, 0] : [Math.ceil(sent / columns), columns];
}

/** Indices of an element, `[0, 12, 3]`. */
export function indicesOf(index: number, shape: readonly number[]): readonly number[] {
  const indices: number[] = [];
  let left = index;
  for (const size of shape.toReversed()) {
    indices.unshift(size === 0 ? 0 : left % size);
    left = Math.floor(left / (size || 1));
  }
  return indices;
}
