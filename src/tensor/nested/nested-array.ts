import { isUtf8 } from "node:buffer";
import { invalidArgument } from "../../errors.ts";
import { inSteps } from "../../resumable.ts";
import { finish, type Steps } from "../../turns.ts";
import { DATATYPES } from "../datatype.ts";
import { assertElements } from "../elements/assert-elements.ts";
import { formatBase64 } from "../elements/base64.ts";
import { fromBfloat16Array, fromFloat16Array } from "../elements/float16.ts";
import type { JsonValue } from "../json-value.ts";
import { LookupTensor } from "../lookup-tensor.ts";
import { assertNestable, elementCount } from "../shape.ts";
import { isTensorOf, type Tensor } from "../tensor.ts";
import { FEW, type FillElements, nestElements, SOME } from "./nest-elements.ts";

export { isBase64Object } from "../elements/element-rules.ts";
export { flattenNested, type RowPlace } from "./flatten-nested.ts";

/** Bytes of a text that is read at once; base64 takes three at a time. */
const LONG_TEXT = 384 * 1024;

/** An array over the first dimension with nested arrays below; the elements are numbers, bigints, booleans, text or bytes. */
type Nested = JsonValue | Uint8Array | readonly Nested[];

/**
 * A tensor as an array over its first dimension, with nested arrays below. 64-bit integers are numbers where these are
 * exact, else bigint; FP16 and BF16 are numbers.
 * @param bytes `text`: BYTES elements are strings where they are UTF-8, else `{"b64": base64}`; `bytes`: Uint8Array.
 * @param shape another one of as many elements
 * @throws InferenceError invalid_argument for a scalar, which has no rows.
 */
export function nestedRows(
  tensor: Tensor,
  bytes: "text" | "bytes",
  shape: readonly number[] = tensor.shape,
): readonly unknown[] {
  const { name } = tensor;
  if (shape.length === 0)
    throw invalidArgument(`tensor '${name}': expected a dimension of rows, got the scalar shape []`);
  assertNestable(shape, name);
  const fill = fillerOf(tensor, bytes);
  const { kind } = DATATYPES[tensor.datatype];
  const nest = () => nestElements(shape, fill, kind === "int" || kind === "float");
  return elementCount(shape) <= FEW ? finish(nest()) : inSteps(tensor, `rows as ${bytes} of ${shape}`, nest);
}

/** A tensor as one JSON value, nested as its shape is; a bare element for shape []. */
export function toNested(tensor: Tensor): JsonValue {
  if (tensor.shape.length > 0) return nestedRows(tensor, "text") as JsonValue;
  const only: Nested[] = [null];
  fillerOf(tensor, "text")(only, 0, 0, 1);
  return only[0] as JsonValue;
}

/** Puts elements as JSON values into an array. */
function fillerOf(tensor: Tensor, bytes: "text" | "bytes"): FillElements<Nested> {
  if (!LookupTensor.isInstance(tensor)) assertElements(tensor.name, tensor.datatype, tensor.shape, tensor.data);
  if (isTensorOf(tensor, "BYTES")) return bytes === "bytes" ? filler(tensor.data, (element) => element) : texts(tensor);
  if (isTensorOf(tensor, "BOOL")) return filler(tensor.data, (element) => element !== 0);
  if (isTensorOf(tensor, "FP16")) return floats((from, to) => fromFloat16Array(tensor.data.subarray(from, to)));
  if (isTensorOf(tensor, "BF16")) return floats((from, to) => fromBfloat16Array(tensor.data.subarray(from, to)));
  if (LookupTensor.isInstance(tensor)) {
    return floats((from, to) => {
      const part = new Float32Array(Math.min(to, tensor.bytes.length) - from);
      tensor.fill(part, from);
      return part;
    });
  }
  if (isTensorOf(tensor, "INT64") || isTensorOf(tensor, "UINT64")) {
    return filler<bigint>(tensor.data, exactNumber);
  }
  return filler(tensor.data as ArrayLike<number>, (element) => element);
}

/** Elements as text; a long one is read before the others, a piece at a time. */
function texts({ data }: Tensor<"BYTES">): FillElements<Nested> {
  const long = new Map<Uint8Array, JsonValue>();
  for (const element of data) {
    if (element.length > LONG_TEXT)
      long.set(
        element,
        inSteps(element, "text", () => longText(element)),
      );
  }
  return filler(data, long.size === 0 ? textOf : (element) => long.get(element) ?? textOf(element));
}

function* longText(bytes: Uint8Array): Steps<JsonValue> {
  const isText = isUtf8(bytes);
  yield;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let from = 0; from < buffer.length; ) {
    let to = Math.min(buffer.length, from + LONG_TEXT);
    // Between two characters.
    while (isText && to < buffer.length && ((buffer[to] as number) & 0xc0) === 0x80) to--;
    text += buffer.toString(isText ? "utf8" : "base64", from, to);
    from = to;
    yield;
  }
  return isText ? text : { b64: text };
}

function filler<Element>(data: ArrayLike<Element>, toNested: (element: Element) => Nested): FillElements<Nested> {
  return (into, at, from, count) => {
    for (let i = 0; i < count; i++) into[at + i] = toNested(data[from + i] as Element);
  };
}

/** Floats that are made a part at a time, of 16 bits or from tables. */
function floats(make: (from: number, to: number) => Float32Array): FillElements<Nested> {
  let part: Float32Array = new Float32Array(0);
  let first = 0;
  return (into, at, from, count) => {
    if (from < first || from + count > first + part.length) {
      part = make(from, from + Math.max(count, SOME));
      first = from;
    }
    for (let i = 0; i < count; i++) into[at + i] = part[from - first + i] as number;
  };
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function textOf(bytes: Uint8Array): JsonValue {
  if (!isUtf8(bytes)) return { b64: formatBase64(bytes) };
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
