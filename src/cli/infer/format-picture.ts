import { Buffer } from "node:buffer";
import type { TensorTrace } from "../../playground/trace.ts";

const MAX_COLUMNS = 48;
const SHADES = " .:-=+*#%@";

interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Index of a channel of a pixel. */
  readonly at: (row: number, column: number, channel: number) => number;
}

/**
 * An image tensor as lines of a terminal: two pixels a character (upper half block), or shades without colours. Values are
 * spread from the tensor's least to its largest. Undefined for tensors that are no picture.
 */
export function formatPicture(tensor: TensorTrace, color: boolean): string[] | undefined {
  const layout = layoutOf(tensor.shape);
  const values = valuesOf(tensor);
  if (layout === undefined || values === undefined || tensor.statistics === undefined) return undefined;
  const { min, max } = tensor.statistics;
  if (layout.height * layout.width * layout.channels > values.length) return undefined;
  const columns = Math.min(MAX_COLUMNS, layout.width);
  const rows = Math.max(2, 2 * Math.round((columns * layout.height) / layout.width / 2));
  const pixel = (row: number, column: number): readonly number[] => {
    const y = Math.min(layout.height - 1, Math.floor(((row + 0.5) * layout.height) / rows));
    const x = Math.min(layout.width - 1, Math.floor(((column + 0.5) * layout.width) / columns));
    return [0, 1, 2].map((channel) => {
      const value = Number(values[layout.at(y, x, Math.min(channel, layout.channels - 1))] ?? 0);
      return max === min ? 0 : Math.round((255 * (value - min)) / (max - min));
    });
  };
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 2) {
    const cells = Array.from({ length: columns }, (_, column) => {
      const [upper, lower] = [pixel(row, column), pixel(row + 1, column)];
      return color ? `\u001b[38;2;${upper.join(";")};48;2;${lower.join(";")}m▀` : shade(upper, lower);
    });
    lines.push(color ? `${cells.join("")}\u001b[0m` : cells.join("").trimEnd());
  }
  return lines;
}

function shade(upper: readonly number[], lower: readonly number[]): string {
  const light = [...upper, ...lower].reduce((sum, value) => sum + value, 0) / 6;
  return SHADES[Math.min(SHADES.length - 1, Math.floor((light / 256) * SHADES.length))] ?? " ";
}

/** [N, H, W, C], [N, C, H, W], and both without N; one or three channels, at least 8 pixels each way. */
function layoutOf(shape: readonly number[]): Layout | undefined {
  const [a = 0, b = 0, c = 0] = shape.length === 4 ? shape.slice(1) : shape;
  if (shape.length !== 3 && shape.length !== 4) return undefined;
  if (isChannels(c) && a >= 8 && b >= 8) {
    return { height: a, width: b, channels: c, at: (row, column, channel) => (row * b + column) * c + channel };
  }
  if (isChannels(a) && b >= 8 && c >= 8) {
    return { height: b, width: c, channels: a, at: (row, column, channel) => (channel * b + row) * c + column };
  }
  return undefined;
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3 || size === 4;
}

const ARRAYS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

function valuesOf({ data, dataType }: TensorTrace): ArrayLike<number | bigint> | undefined {
  if (data === undefined || dataType === undefined) return undefined;
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  return new ARRAYS[dataType](bytes.buffer, 0, bytes.byteLength / ARRAYS[dataType].BYTES_PER_ELEMENT);
}
