import { WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../tensor/datatype.ts";
import type { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { assertShape, elementCount, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { finish, type Steps } from "../../turns.ts";
import { ContentsRuns, MAX_UNPACKED, type VisitRun } from "../grpc/contents-runs.ts";
import { MAX_TENSOR_FIELDS } from "../grpc/infer-message.ts";
import { countElements, fillElements } from "../grpc/packed-elements.ts";
import { FieldReader } from "../grpc/wire/field-reader.ts";
import { VarintReader } from "../grpc/wire/varint-reader.ts";
import { createLazyTensor } from "../lazy-tensor.ts";
import { datatypeOf, TENSORFLOW_TYPES } from "./data-types.ts";
import { readShape } from "./shape-proto.ts";

/** What one response may hold, over all of its tensors. */
export interface TensorBudget {
  readonly maxElements: number;
  readonly byteElements: ByteElementsBudget;
  /** Bytes left for elements that do not stand in the message. */
  repeatedBytes: number;
}

/** A `TensorProto` whose elements nobody has read yet. */
interface TensorHead {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Elements in one block; empty where they stand one by one. */
  readonly content: Uint8Array;
}

/**
 * A tensor from a `TensorProto`: elements in `tensor_content`, or one by one, where the last stands for all that are missing.
 * They are counted, and read when first asked for, within `guard`, or at once where they are to be `filled`.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function* decodeTensor(
  name: string,
  bytes: Uint8Array,
  budget: TensorBudget,
  guard: <T>(read: () => T) => T,
  filled: boolean,
): Steps<Tensor> {
  const { dtype, shape, content } = yield* readHead(name, bytes, budget);
  const datatype = datatypeOf(dtype);
  if (datatype === undefined) throw invalidArgument(`tensor '${name}': TensorFlow's dtype ${dtype} has no V2 datatype`);
  assertShape(shape, name);
  const count = elementCount(shape);
  if (count > budget.maxElements) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} has ${count} elements, more than the limit of ${budget.maxElements} (max_elements)`,
    );
  }
  if (datatype === "BYTES") budget.byteElements.take(name, count);
  let read: () => Steps<TensorData>;
  if (content.length === 0) read = yield* prepareValues(name, datatype, shape, bytes, budget);
  else if (datatype === "BYTES") read = () => readStrings(content, count, name);
  else
    return createLazyTensor(name, datatype, shape, () =>
      guard(() => fromRawBytes(name, datatype, shape, content).data as never),
    );
  const data = filled ? yield* read() : undefined;
  return createLazyTensor(name, datatype, shape, () => (data ?? guard(() => finish(read()))) as never);
}

/** Fields, or strings, that are read at a time. */
const AT_A_TIME = 4096;

function* readHead(name: string, bytes: Uint8Array, { byteElements }: TensorBudget): Steps<TensorHead> {
  const reader = new FieldReader(bytes, Math.max(byteElements.most, MAX_UNPACKED) + MAX_TENSOR_FIELDS);
  reader.tensor = name;
  let dtype = 0;
  let shape: readonly number[] | undefined = [];
  let content = new Uint8Array(0);
  for (let fields = 1; reader.pos < reader.len; fields++) {
    if (fields % AT_A_TIME === 0) yield;
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) dtype = reader.int32();
    else if (field === 2 && type === WireType.LengthDelimited) shape = readShape(reader.bytes());
    else if (field === 4 && type === WireType.LengthDelimited) content = reader.bytes() as Uint8Array<ArrayBuffer>;
    else reader.skip(type, field);
  }
  if (shape === undefined) throw invalidArgument(`tensor '${name}': expected a shape, got unknown_rank`);
  return { dtype, shape, content };
}

function* prepareValues(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  budget: TensorBudget,
): Steps<() => Steps<TensorData>> {
  const count = elementCount(shape);
  function* visitValues(visit: VisitRun): Steps<void> {
    const runs = new ContentsRuns([bytes], name, datatype, TENSORFLOW_TYPES[datatype].valueField, () => undefined);
    while (runs.advance(visit)) yield;
  }
  let found = 0;
  yield* visitValues((run, start, end) => {
    found += countElements(datatype, run, start, end);
  });
  if (found > count) {
    throw invalidArgument(`tensor '${name}': shape ${formatShape(shape)} takes ${count} elements, got ${found}`);
  }
  budget.repeatedBytes -= (count - found) * DATATYPES[datatype].bytes;
  if (budget.repeatedBytes < 0) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} takes ${count} elements, got ${found}: the rest is larger than a response may be (max_response_bytes)`,
    );
  }
  return function* () {
    const data = DATATYPES[datatype].create(count) as Uint8Array;
    let at = 0;
    yield* visitValues((run, start, end) => {
      at = fillElements(data, at, datatype, name, run, start, end);
    });
    // An array of byte strings has `fill` as well.
    if (at > 0) data.fill(data[at - 1] as number, at);
    else if (datatype === "BYTES") data.fill(new Uint8Array(0) as never);
    return data;
  };
}

/** Strings in `tensor_content`: all lengths as varints, then all bytes. */
function* readStrings(content: Uint8Array, count: number, name: string): Steps<Uint8Array[]> {
  const lengths = new VarintReader(content, 0, content.length);
  const sizes: number[] = [];
  let size = 0;
  for (let i = 0; i < count; i++) {
    if (i % AT_A_TIME === AT_A_TIME - 1) yield;
    lengths.next();
    const length = lengths.high === 0 ? lengths.low : Number.POSITIVE_INFINITY;
    sizes.push(length);
    size += length;
  }
  let at = lengths.at;
  if (size !== content.length - at) {
    throw invalidArgument(`tensor '${name}': ${count} strings of ${size} bytes, got ${content.length - at}`);
  }
  const strings: Uint8Array[] = [];
  for (const length of sizes) {
    if (strings.length % AT_A_TIME === AT_A_TIME - 1) yield;
    strings.push(content.subarray(at, at + length));
    at += length;
  }
  return strings;
}
