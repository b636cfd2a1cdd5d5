import { invalidArgument } from "../../errors.ts";
import { inSteps } from "../../resumable.ts";
import { assertDatatype, DATATYPES, type Datatype, isDatatype, type TensorData } from "../../tensor/datatype.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { byteLength } from "../../tensor/join-parts.ts";
import { assertShape, elementCount, formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { finish, LARGE, type Steps, type Turns } from "../../turns.ts";
import { createLazyTensor } from "../lazy-tensor.ts";
import type { Limits } from "../limits.ts";
import { assertNoSharedMemory, mentionsSharedMemory } from "../shared-memory.ts";
import { prepareContents } from "./decode-contents.ts";
import { type InferLayout, type InferMessage, reading, type WireTensor } from "./infer-message.ts";
import { readParameters } from "./parameters.ts";

/**
 * What costs next to nothing and so is checked for every message, read or not: shapes, the number of elements against them (but of long
 * typed contents, `assertCounts`), raw and typed contents not mixed. A datatype that is not known here is left to the receiver.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function assertForwardable(message: InferMessage, layout: InferLayout, limits: Limits): void {
  const { tensors, raw } = message;
  if (raw.length > 0 && raw.length !== tensors.length) {
    throw invalidArgument(
      `${layout.rawName}: expected ${tensors.length}, one for each of ${layout.tensorsName}, got ${raw.length}`,
    );
  }
  const budget = new ByteElementsBudget(limits.maxElements);
  tensors.forEach((tensor, index) => {
    if (mentionsSharedMemory(tensor.parameters)) assertNoSharedMemory(readParameters(tensor.parameters), tensor.name);
    assertShape(tensor.shape, tensor.name);
    const bytes = raw[index];
    if (bytes !== undefined && tensor.contents.some((contents) => contents.length > 0)) {
      throw invalidArgument(`tensor '${tensor.name}': expected contents or ${layout.rawName}, got both`);
    }
    if (tensor.datatype === "BYTES") budget.take(tensor.name, elementCount(tensor.shape));
    if (isDatatype(tensor.datatype)) assertSize(tensor, tensor.datatype, bytes, limits);
  });
}

/** Readers of typed contents: their elements are counted once, whoever asks. */
const PREPARED = new WeakMap<WireTensor, () => Steps<TensorData>>();

function prepare(tensor: WireTensor, datatype: Datatype): () => Steps<TensorData> {
  const known = PREPARED.get(tensor);
  if (known !== undefined) return known;
  const count = () => prepareContents(tensor.name, datatype, tensor.shape, tensor.contents);
  const prepared = isLong(tensor) ? inSteps(tensor, "count", count) : finish(count());
  PREPARED.set(tensor, prepared);
  return prepared;
}

function isLong({ contents }: WireTensor): boolean {
  return byteLength(contents) >= LARGE;
}

/**
 * What `assertForwardable` leaves out, as it is long: the number of elements in long typed contents.
 * @throws InferenceError invalid_argument as `assertForwardable`.
 */
export function assertCounts({ tensors, raw }: InferMessage): void {
  if (raw.length > 0) return;
  for (const tensor of tensors) if (isDatatype(tensor.datatype)) prepare(tensor, tensor.datatype);
}

function assertSize(tensor: WireTensor, datatype: Datatype, raw: Uint8Array | undefined, limits: Limits): void {
  const { name, shape } = tensor;
  const count = elementCount(shape);
  if (count > limits.maxElements) {
    throw invalidArgument(
      `tensor '${name}': shape ${formatShape(shape)} has ${count} elements, more than the limit of ${limits.maxElements} (max_elements)`,
    );
  }
  if (raw === undefined) {
    if (!isLong(tensor)) prepare(tensor, datatype);
    return;
  }
  // An element of BYTES takes at least the four bytes of its length.
  const { bytes: width } = DATATYPES[datatype];
  if (width > 0 ? raw.length !== count * width : raw.length < count * 4) {
    const expected = width > 0 ? `${count * width} bytes` : `at least ${count * 4} bytes`;
    throw invalidArgument(
      `tensor '${name}': ${datatype} of shape ${formatShape(shape)} takes ${expected}, got ${raw.length}`,
    );
  }
}

/** Elements that were read in turns already. */
export type FilledContents = ReadonlyMap<WireTensor, TensorData>;

/** Reads the typed contents of large tensors in turns; what is wrong with them is told when their elements are asked for. */
export async function fillContentsInTurns({ tensors, raw }: InferMessage, turns: Turns): Promise<FilledContents> {
  const filled = new Map<WireTensor, TensorData>();
  for (const tensor of raw.length > 0 ? [] : tensors) {
    const { datatype } = tensor;
    if (!isDatatype(datatype) || !isLong(tensor)) continue;
    try {
      filled.set(tensor, await turns.finish(prepare(tensor, datatype)()));
    } catch (error) {
      if (turns.isAborted) throw error;
    }
  }
  return filled;
}

/**
 * The tensors of a message that passed `assertForwardable`. Elements are counted here at the latest and read when first asked for,
 * within `guard`.
 * @throws InferenceError invalid_argument that names the tensor, what was expected and what came.
 */
export function readTensors(
  { tensors, raw }: InferMessage,
  layout: InferLayout,
  guard: Guard,
  filled?: FilledContents,
): readonly Tensor[] {
  const names = new Set<string>();
  return tensors.map((tensor, index) => {
    const { name, datatype, shape } = tensor;
    if (names.has(name)) throw invalidArgument(`${layout.tensorsName}: two tensors are named '${name}'`);
    names.add(name);
    assertDatatype(datatype, name);
    const bytes = raw[index];
    const read = readerOf(tensor, datatype, bytes, filled?.get(tensor));
    const parameters = tensor.parameters.length === 0 ? undefined : readParameters(tensor.parameters);
    return createLazyTensor(name, datatype, shape, () => guard(() => reading(layout.name, read)), parameters);
  });
}

function readerOf(
  tensor: WireTensor,
  datatype: Datatype,
  raw: Uint8Array | undefined,
  filled: TensorData | undefined,
): () => TensorData {
  if (filled !== undefined) return () => filled;
  if (raw !== undefined) return () => fromRawBytes(tensor.name, datatype, tensor.shape, raw).data;
  const prepared = prepare(tensor, datatype);
  return () => finish(prepared());
}

/** Runs a reader; a response's errors are the predictor's mistake. */
export type Guard = <T>(read: () => T) => T;
