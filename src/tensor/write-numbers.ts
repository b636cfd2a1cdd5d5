import { toNested } from "./nested-array.ts";
import type { Tensor } from "./tensor.ts";

export interface FormatElementsOptions {
  /** BYTES elements as `{"b64": base64}`; without it they are strings, and must be UTF-8. */
  readonly bytes?: "b64";
}

/**
 * A tensor's elements as JSON text in UTF-8: one flat array, or nested as the shape is.
 * @throws InferenceError invalid_argument for what JSON cannot say: NaN, infinities, BYTES that are not UTF-8.
 */
export function formatElements(
  tensor: Tensor,
  layout: "flat" | "nested",
  options: FormatElementsOptions = {},
): Uint8Array {
  void options;
  const value = toNested(layout === "flat" ? { ...tensor, data: tensor.data, shape: [tensor.data.length] } : tensor);
  return Buffer.from(JSON.stringify(value, (_, member) => (typeof member === "bigint" ? Number(member) : member)));
}

export interface FormattedRows {
  /** The rows' JSON texts, one behind the other with nothing between. */
  readonly text: Uint8Array;
  /** Row `i` is `text.subarray(offsets[i], offsets[i + 1])`; one more than there are rows. */
  readonly offsets: Uint32Array;
}

/** A tensor's rows as JSON texts, for answers that weave several tensors into objects. @throws as `formatElements`. */
export function formatRows(tensor: Tensor, options: FormatElementsOptions = {}): FormattedRows {
  void options;
  const rows = (toNested(tensor) as readonly unknown[]).map((row) => Buffer.from(JSON.stringify(row)));
  const offsets = Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).reduce((n, r) => n + r.length, 0))]);
  return { text: Buffer.concat(rows), offsets };
}
